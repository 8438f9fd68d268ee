namespace CurvatureActors.Actors.Sweeps;

/// <summary>Whom a <see cref="ControlAction"/> is about.</summary>
/// <param name="Text">A run's identity, the beginning of it, or its name; or the name of the experiment.</param>
/// <param name="Experiment">Whether it is the experiment, which is all of its runs.</param>
public sealed record ControlTarget(string Text, bool Experiment);
