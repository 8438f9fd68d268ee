using CurvatureActors.Training.Snapshots;

namespace CurvatureActors.Actors.Snapshots;

/// <summary>Where probes get a stored snapshot from.</summary>
internal interface ISnapshotReader
{
    /// <summary>Reads a snapshot and checks it against its digest.</summary>
    /// <exception cref="SnapshotException">It is missing, damaged, or not the one that was committed.</exception>
    /// <exception cref="SnapshotUnreadableException">It cannot be read, so nobody knows what is in it.</exception>
    SnapshotBuffer Read(string file, string sha256);
}
