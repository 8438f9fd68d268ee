using CurvatureActors.Actors.Runs;

namespace CurvatureActors.Actors.Sweeps;

/// <summary>What a <see cref="ControlAction"/> did to a run.</summary>
/// <param name="Run">Identity.</param>
/// <param name="Name">Readable name.</param>
/// <param name="State">Where it stands now.</param>
/// <param name="Message">What was done, in words that follow "run ...: ".</param>
public sealed record RunOutcome(string Run, string Name, RunStatus State, string Message);
