using CurvatureActors.Actors.Runs;

namespace CurvatureActors.Actors.Hosting;

/// <summary>How an experiment ended.</summary>
/// <param name="Interrupted">Whether it was interrupted; it can be resumed.</param>
/// <param name="Runs">State of each run by identity.</param>
public sealed record ExperimentOutcome(bool Interrupted, IReadOnlyDictionary<string, RunStatus> Runs);
