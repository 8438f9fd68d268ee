using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Training.Snapshots;

namespace CurvatureActors.Actors.Tests.Snapshots;

/// <summary>Snapshots for tests that only need one to be there.</summary>
internal static class SavedSnapshots
{
    /// <summary>Stages and publishes a snapshot, of the first claim.</summary>
    internal static SnapshotReference Save(
        this SnapshotFolder folder, string run, int attempt, int step, SnapshotBuffer snapshot)
    {
        string file = SnapshotFolder.FileOf(run, attempt, step);
        folder.Publish(folder.Stage(run, 1, attempt, step, snapshot), file);
        return new SnapshotReference(file, snapshot.Sha256, snapshot.Length);
    }
}
