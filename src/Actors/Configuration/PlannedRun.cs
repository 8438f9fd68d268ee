using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Configuration;

/// <summary>One run of an experiment.</summary>
/// <param name="Run">The identity of <paramref name="Specification"/>: 12 hex digits.</param>
/// <param name="Name">What the sweep varied, with short keys ("learning-rate=0.1 seed=2"); the experiment's name when nothing varies.</param>
/// <param name="Parameters">What the sweep varied: key without the leading <c>curvature.</c>, value as text; slowest first.</param>
/// <param name="Specification">Everything that decides the trajectory.</param>
public sealed record PlannedRun(
    string Run,
    string Name,
    IReadOnlyDictionary<string, string> Parameters,
    RunSpecification Specification);
