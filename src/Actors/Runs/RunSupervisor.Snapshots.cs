using Akka.Actor;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Snapshots;

namespace CurvatureActors.Actors.Runs;

/// <content>What becomes of the snapshots that trainers make.</content>
internal sealed partial class RunSupervisor
{
    private void OnSnapshot(SnapshotStored stored)
    {
        // Only here, where a stale claim has been refused, does a snapshot get the name under which it is looked for.
        _services.Store.Tell(new SnapshotStore.Publish(stored.Staged, stored.Reference.File));
        BecomeStacked(() =>
        {
            Command<SnapshotStore.Published>(published => published.Staged == stored.Staged, _ =>
            {
                UnbecomeStacked();
                Stash.UnstashAll();
                Commit(stored);
            });
            Command<SnapshotStore.NotPublished>(failed => failed.Staged == stored.Staged, _ =>
            {
                UnbecomeStacked();
                Stash.UnstashAll();
            });
            CommandAny(_ => Stash.Stash());
        });
    }

    private void Commit(SnapshotStored stored)
    {
        SnapshotReference reference = stored.Reference;
        Persist(
            new SnapshotCommitted(
                stored.Attempt, stored.Step, stored.Anchor, reference.File, reference.Sha256, reference.Bytes, Now)
            {
                Accuracy = _evaluation?.Step == stored.Step ? _evaluation.Accuracy : null,
            },
            committed =>
            {
                Apply(committed);
                _retention.Prune(_state);
            });
    }

    /// <summary>Goes on from the snapshot before it; the initialisation can always be made again from the seed.</summary>
    private void Reject(SnapshotReference unusable, string reason)
    {
        SnapshotCommitted? damaged = _state.Snapshots.Find(snapshot => snapshot.File == unusable.File);
        Persist(new SnapshotRejected(damaged?.Step ?? 0, unusable.File, reason, Now), rejected =>
        {
            Apply(rejected);
            _announcer.Notice(
                $"goes on from {(_state.NewestSnapshot is { } older ? $"step {older.Step}" : "its initialisation")}: {reason}");
            Launch();
        });
    }
}
