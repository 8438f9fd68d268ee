namespace CurvatureActors.Actors.Snapshots;

/// <summary>A stored snapshot. This travels between nodes; the snapshot itself never does.</summary>
/// <param name="File">Relative to the folder of snapshots.</param>
/// <param name="Sha256">Of the file.</param>
/// <param name="Bytes">Size of the file.</param>
public sealed record SnapshotReference(string File, string Sha256, long Bytes);
