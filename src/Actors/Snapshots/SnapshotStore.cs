using Akka.Actor;
using Akka.Event;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Training.Snapshots;

namespace CurvatureActors.Actors.Snapshots;

/// <summary>
/// Writes, names and removes snapshots, one at a time, on a thread of its own. A trainer's node stages what the trainer
/// captured; only the coordinator, which knows the newest claim of a run, gives a staged snapshot its name. So a trainer
/// that was taken for dead can never overwrite what its successor has committed.
/// </summary>
internal sealed class SnapshotStore : ReceiveActor
{
    private readonly SnapshotFolder _folder;

    public SnapshotStore(SnapshotFolder folder)
    {
        _folder = folder;
        Receive<Write>(OnWrite);
        Receive<Publish>(OnPublish);
        Receive<Remove>(OnRemove);
    }

    public static Props Props(SnapshotFolder folder) =>
        Akka.Actor.Props.Create(() => new SnapshotStore(folder)).WithDispatcher(Dispatchers.Storage);

    private void OnWrite(Write write)
    {
        using SnapshotBuffer snapshot = write.Snapshot;
        try
        {
            string staged = _folder.Stage(write.Run, write.Epoch, write.Attempt, write.Step, snapshot);
            Sender.Tell(new Written(write.Step, write.Anchor, staged, new SnapshotReference(
                SnapshotFolder.FileOf(write.Run, write.Attempt, write.Step), snapshot.Sha256, snapshot.Length)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Context.System.EventStream.Publish(new StorageFailed(
                $"The snapshot of run {write.Run} at step {write.Step} could not be written to {_folder.Path}: {error.Message}"));
        }
    }

    private void OnPublish(Publish publish)
    {
        try
        {
            _folder.Publish(publish.Staged, publish.File);
            Sender.Tell(new Published(publish.Staged));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Sender.Tell(new NotPublished(publish.Staged));
            Context.System.EventStream.Publish(new StorageFailed(
                $"The snapshot {_folder.Locate(publish.File)} could not be given its name: {error.Message}"));
        }
    }

    private void OnRemove(Remove remove)
    {
        try
        {
            foreach (string file in remove.Files)
            {
                _folder.Remove(file);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A snapshot too many is no harm.
            Context.GetLogger().Warning(
                "Old snapshots could not be removed: {0}", error.Message);
        }
    }

    /// <summary>Write a snapshot under a staging name. The store takes over the lease.</summary>
    public sealed record Write(string Run, long Epoch, int Attempt, int Step, bool Anchor, SnapshotBuffer Snapshot)
        : INoSerializationVerificationNeeded;

    /// <summary>A snapshot is safely on disk as <paramref name="Staged"/>, and will be <paramref name="Reference"/> once published.</summary>
    public sealed record Written(int Step, bool Anchor, string Staged, SnapshotReference Reference) : INoSerializationVerificationNeeded;

    /// <summary>Give a staged snapshot its name. Answered by <see cref="Published"/> or <see cref="NotPublished"/>.</summary>
    public sealed record Publish(string Staged, string File) : INoSerializationVerificationNeeded;

    /// <summary>The snapshot has its name, durably.</summary>
    public sealed record Published(string Staged) : INoSerializationVerificationNeeded;

    /// <summary>It does not; why has been published as <see cref="StorageFailed"/>.</summary>
    public sealed record NotPublished(string Staged) : INoSerializationVerificationNeeded;

    /// <summary>
    /// Remove these. Files are named one by one: "all but these" would also remove a snapshot that is written, but
    /// whose commit has not reached whoever asks.
    /// </summary>
    public sealed record Remove(IReadOnlyList<string> Files) : INoSerializationVerificationNeeded;
}
