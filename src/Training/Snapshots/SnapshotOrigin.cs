namespace CurvatureActors.Training.Snapshots;

/// <summary>Whose snapshot it is.</summary>
/// <param name="Run">Identity of the run, 12 hex digits.</param>
/// <param name="Attempt">Number of the attempt.</param>
/// <param name="Epoch">Epoch of the claim under which it was taken; what is older than the current one is refused.</param>
public sealed record SnapshotOrigin(string Run, int Attempt, long Epoch);
