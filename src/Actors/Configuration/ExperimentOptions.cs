namespace CurvatureActors.Actors.Configuration;

/// <summary>Shim until the configuration lands.</summary>
public sealed record ExperimentOptions;
