using Akka.Actor;
using Akka.Event;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Training.Snapshots;

namespace CurvatureActors.Actors.Snapshots;

/// <summary>Writes and removes the snapshots of a node, one at a time, on a thread of its own.</summary>
internal sealed class SnapshotStore : ReceiveActor
{
    private readonly SnapshotFolder _folder;

    public SnapshotStore(SnapshotFolder folder)
    {
        _folder = folder;
        Receive<Write>(OnWrite);
        Receive<Remove>(OnRemove);
    }

    public static Props Props(SnapshotFolder folder) =>
        Akka.Actor.Props.Create(() => new SnapshotStore(folder)).WithDispatcher(Dispatchers.Storage);

    private void OnWrite(Write write)
    {
        using SnapshotBuffer snapshot = write.Snapshot;
        try
        {
            SnapshotReference reference = _folder.Write(write.Run, write.Attempt, write.Step, snapshot);
            Sender.Tell(new Written(write.Step, write.Anchor, reference));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Context.System.EventStream.Publish(new StorageFailed(
                $"The snapshot of run {write.Run} at step {write.Step} could not be written to {_folder.Path}: {error.Message}"));
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

    /// <summary>Write a snapshot. The store takes over the lease.</summary>
    public sealed record Write(string Run, int Attempt, int Step, bool Anchor, SnapshotBuffer Snapshot)
        : INoSerializationVerificationNeeded;

    /// <summary>A snapshot is safely on disk.</summary>
    public sealed record Written(int Step, bool Anchor, SnapshotReference Reference) : INoSerializationVerificationNeeded;

    /// <summary>
    /// Remove these. Files are named one by one: "all but these" would also remove a snapshot that is written, but
    /// whose commit has not reached whoever asks.
    /// </summary>
    public sealed record Remove(IReadOnlyList<string> Files) : INoSerializationVerificationNeeded;
}
