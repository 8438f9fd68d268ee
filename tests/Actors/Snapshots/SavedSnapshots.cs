using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Training.Snapshots;

namespace CurvatureActors.Actors.Tests.Snapshots;

/// <summary>Snapshots for tests that only need one to be there.</summary>
internal static class SavedSnapshots
{
    /// <summary>The step of a stored snapshot; 0 for none.</summary>
    internal static int StepOf(this SnapshotFolder folder, SnapshotReference? reference)
    {
        if (reference is null)
        {
            return 0;
        }

        using SnapshotBuffer snapshot = folder.Read(reference.File, reference.Sha256);
        return snapshot.Header.Step;
    }

    /// <summary>Stages and publishes a snapshot, of the first claim.</summary>
    internal static SnapshotReference Save(
        this SnapshotFolder folder, string run, int attempt, int step, SnapshotBuffer snapshot)
    {
        string file = SnapshotFolder.FileOf(run, attempt, step);
        folder.Publish(folder.Stage(run, 1, attempt, step, snapshot), file);
        return new SnapshotReference(file, snapshot.Sha256, snapshot.Length);
    }
}
