using Akka.Actor;
using CurvatureActors.Actors.Hosting;

namespace CurvatureActors.Actors.Runs;

/// <content>
/// A verdict whose answer needs a snapshot that cannot be read. That says nothing of the snapshot: it is waited for, and
/// after <c>runtime.storage-patience</c> the program ends, to be resumed.
/// </content>
internal sealed partial class RunSupervisor
{
    private static readonly TimeSpan ReadInterval = TimeSpan.FromSeconds(1);

    private long? _unreadableSince;

    private void AnswerLater(string what)
    {
        TimeSpan patience = _policy.StoragePatience;
        if (_unreadableSince is { } since && _time.GetElapsedTime(since) >= patience)
        {
            Context.System.EventStream.Publish(new StorageFailed(what));
            return;
        }

        if (_unreadableSince is null)
        {
            _unreadableSince = _time.GetTimestamp();
            Context.System.EventStream.Publish(new StorageTrouble(
                $"{what}; its run waits while it is tried again for {patience.TotalSeconds:f0} s"));
        }

        Timers.StartSingleTimer(AnswerAgain.Instance, AnswerAgain.Instance, ReadInterval < patience ? ReadInterval : patience);
    }

    private void OnAnswerAgain()
    {
        if (_slot is null || _state.OpenVerdict is not { } verdict)
        {
            return;
        }

        if (_pausing && !_cancelled)
        {
            ConcludePaused(_state.NewestSnapshot?.Step ?? 0);
        }
        else
        {
            Answer(verdict);
        }
    }

    private sealed record AnswerAgain : INotInfluenceReceiveTimeout
    {
        public static AnswerAgain Instance { get; } = new();
    }
}
