namespace CurvatureActors.Training.Snapshots;

/// <summary>Where within the initialisation a snapshot was taken.</summary>
/// <param name="Name">The phase, as in <c>init.phase</c>.</param>
/// <param name="Step">Steps of it that were made.</param>
public sealed record SnapshotPhase(string Name, int Step);
