using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Training.Snapshots;

namespace CurvatureActors.Actors.Snapshots;

/// <summary>
/// Writes, names and removes snapshots, one at a time, on a thread of its own. A trainer's node stages what the trainer
/// captured; only the coordinator, which knows the newest claim of a run, gives a staged snapshot its name. So a trainer
/// that was taken for dead can never overwrite what its successor has committed.
/// </summary>
internal sealed class SnapshotStore : ReceiveActor, IWithTimers
{
    /// <summary>Between two tries of a write that failed.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly SnapshotFolder _folder;
    private readonly TimeSpan _patience;
    private readonly SnapshotBudget? _budget;
    private readonly List<Retry> _retries = [];

    /// <param name="folder">Where snapshots lie.</param>
    /// <param name="patience">How long a write that fails is tried again.</param>
    /// <param name="budget">Most bytes that all snapshots may take; null for no limit.</param>
    public SnapshotStore(SnapshotFolder folder, TimeSpan patience, long? budget)
    {
        _folder = folder;
        _patience = patience;
        _budget = budget is { } bytes ? new SnapshotBudget(folder, bytes) : null;
        Receive<Retry>(retry =>
        {
            _retries.Remove(retry);
            TryWrite(retry.Write, retry.ReplyTo, retry.FirstFailure);
        });
        Receive<Write>(OnWrite);
        Receive<Publish>(OnPublish);
        Receive<Remove>(OnRemove);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(SnapshotFolder folder, TimeSpan patience, long? budget = null) =>
        Akka.Actor.Props.Create(() => new SnapshotStore(folder, patience, budget)).WithDispatcher(Dispatchers.Storage);

    protected override void PostStop()
    {
        foreach (Retry retry in _retries)
        {
            retry.Write.Snapshot.Dispose();
        }
    }

    private void OnWrite(Write write) => TryWrite(write, Sender, firstFailure: null);

    private void TryWrite(Write write, IActorRef replyTo, long? firstFailure)
    {
        try
        {
            string staged = _folder.Stage(write.Run, write.Epoch, write.Attempt, write.Step, write.Snapshot);
            replyTo.Tell(new Written(write.Step, write.Anchor, staged, new SnapshotReference(
                SnapshotFolder.FileOf(write.Run, write.Attempt, write.Step, write.Snapshot.Header.Phase),
                write.Snapshot.Sha256,
                write.Snapshot.Length)));
            write.Snapshot.Dispose();
            if (firstFailure is not null)
            {
                Announce(new StorageTrouble($"{Named(write)} is written now"));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            OnUnwritable(write, replyTo, firstFailure, error);
        }
    }

    private void OnUnwritable(Write write, IActorRef replyTo, long? firstFailure, Exception error)
    {
        string what = $"{Named(write)} could not be written to {_folder.Path}: {error.Message}";
        if (write.WhenUnwritable == WhenUnwritable.Continue)
        {
            write.Snapshot.Dispose();
            replyTo.Tell(new NotWritten(write.Step, what));
        }
        else if (firstFailure is { } since && Stopwatch.GetElapsedTime(since) >= _patience)
        {
            write.Snapshot.Dispose();
            Announce(new StorageFailed(what));
        }
        else
        {
            // Its trainer waits: it has only so many snapshots under way.
            var retry = new Retry(write, replyTo, firstFailure ?? Stopwatch.GetTimestamp());
            _retries.Add(retry);
            Timers.StartSingleTimer(retry, retry, RetryInterval < _patience ? RetryInterval : _patience);
            if (firstFailure is null)
            {
                Announce(new StorageTrouble($"{what}; its run waits while it is tried again for {_patience.TotalSeconds:f0} s"));
            }
        }
    }

    private static string Named(Write write) => $"The snapshot of run {write.Run} at step {write.Step}";

    private static void Announce(object what) => Context.System.EventStream.Publish(what);

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

            if (_budget?.Keep(remove.Run, remove.Expendable) is { } excess)
            {
                Announce(new StorageTrouble(excess));
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
    public sealed record Write(
        string Run, long Epoch, int Attempt, int Step, bool Anchor, SnapshotBuffer Snapshot, WhenUnwritable WhenUnwritable)
        : INoSerializationVerificationNeeded;

    /// <summary>A snapshot could not be written, and its trainer is to go on without.</summary>
    public sealed record NotWritten(int Step, string Reason) : INoSerializationVerificationNeeded;

    /// <summary>A snapshot is safely on disk as <paramref name="Staged"/>, and will be <paramref name="Reference"/> once published.</summary>
    public sealed record Written(int Step, bool Anchor, string Staged, SnapshotReference Reference) : INoSerializationVerificationNeeded;

    /// <summary>Give a staged snapshot its name. Answered by <see cref="Published"/> or <see cref="NotPublished"/>.</summary>
    public sealed record Publish(string Staged, string File) : INoSerializationVerificationNeeded;

    /// <summary>The snapshot has its name, durably.</summary>
    public sealed record Published(string Staged) : INoSerializationVerificationNeeded;

    /// <summary>It does not; why has been published as <see cref="StorageFailed"/>.</summary>
    public sealed record NotPublished(string Staged) : INoSerializationVerificationNeeded;

    /// <summary>Remove snapshots of a run.</summary>
    /// <param name="Run">The run.</param>
    /// <param name="Files">What goes now.</param>
    /// <param name="Expendable">What of the rest may go when space runs out, oldest first.</param>
    public sealed record Remove(string Run, IReadOnlyList<string> Files, IReadOnlyList<string> Expendable)
        : INoSerializationVerificationNeeded;

    private sealed record Retry(Write Write, IActorRef ReplyTo, long FirstFailure) : INoSerializationVerificationNeeded;
}
