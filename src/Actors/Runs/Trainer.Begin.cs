using System.Diagnostics;
using Akka.Actor;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;

namespace CurvatureActors.Actors.Runs;

/// <content>Where the attempt goes on from, and waiting for it where it cannot be read.</content>
internal sealed partial class Trainer : IWithTimers
{
    /// <summary>Between two tries to read the snapshot to start from.</summary>
    private static readonly TimeSpan ReadInterval = TimeSpan.FromSeconds(1);

    private long? _unreadableSince;

    public ITimerScheduler Timers { get; set; } = null!;

    private void OnBegin()
    {
        SnapshotBuffer? start = null;
        if (_order.StartFrom is { } reference && !TryRead(reference, out start))
        {
            return;
        }

        using (start)
        {
            DataSplit data = DataSets.Load(_order.Specification.Data);
            TrainingSession session = TrainingSession.Create(_order.Specification, data, DeviceName.Parse(_device).ToDevice());
            _session = session;
            if (start is not null && !TryRestore(session, start))
            {
                return;
            }
        }

        if (Note($"start {_session.Step}"))
        {
            Continue();
        }
    }

    private bool TryRestore(TrainingSession session, SnapshotBuffer start)
    {
        try
        {
            if (start.Header.Step != _order.StartStep || start.Header.Origin.Run != _order.Run)
            {
                throw new SnapshotException(
                    $"The snapshot {_order.StartFrom!.File} says that it is of step {start.Header.Step} of run {start.Header.Origin.Run}; "
                    + $"committed was step {_order.StartStep} of run {_order.Run}.");
            }

            session.Restore(start);
        }
        catch (SnapshotException error)
        {
            RefuseStart(error.Message);
            return false;
        }

        _stored = session.Initialised ? session.Step : -1;
        _storedPhase = session.Phase;
        return true;
    }

    /// <summary>Whether the snapshot is here. One that cannot be read is tried again; one that is missing or damaged is reported.</summary>
    private bool TryRead(SnapshotReference reference, out SnapshotBuffer? snapshot)
    {
        snapshot = null;
        try
        {
            snapshot = _services.Snapshots.Read(reference.File, reference.Sha256);
            if (_unreadableSince is not null)
            {
                _unreadableSince = null;
                Announce(new StorageTrouble($"The snapshot {reference.File} is read now"));
            }

            return true;
        }
        catch (SnapshotException error)
        {
            RefuseStart(error.Message);
        }
        catch (SnapshotUnreadableException error)
        {
            ReadLater(error.Message.TrimEnd('.'));
        }

        return false;
    }

    private void RefuseStart(string reason)
    {
        _order.Supervisor.Tell(new SnapshotUnusable(_order.Run, _order.Epoch, _order.StartFrom!, reason));
        Context.Stop(Self);
    }

    private void ReadLater(string what)
    {
        TimeSpan patience = _services.StoragePatience;
        long? before = _unreadableSince;
        _unreadableSince ??= Stopwatch.GetTimestamp();
        if (before is { } since && Stopwatch.GetElapsedTime(since) >= patience)
        {
            Announce(new StorageFailed(what));
            return;
        }

        if (before is null)
        {
            Announce(new StorageTrouble($"{what}; its run waits while it is tried again for {patience.TotalSeconds:f0} s"));
        }

        Timers.StartSingleTimer(Begin.Instance, Begin.Instance, ReadInterval < patience ? ReadInterval : patience);
    }

    /// <summary>A pause while there is nothing to train from yet: it goes on from where it would have started.</summary>
    private void PauseBeforeStart()
    {
        Timers.Cancel(Begin.Instance);
        _order.Supervisor.Tell(new AttemptPaused(_order.Run, _order.Epoch, _order.Attempt, _order.StartStep));
        Context.Stop(Self);
    }

    private static void Announce(object what) => Context.System.EventStream.Publish(what);
}
