using Akka.Actor;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Runs;

/// <summary>
/// Removes the snapshots of a run that no rollback can land on any more, those of abandoned history included. Knows
/// the files that the journal has named, so it never touches one whose commit is still under way.
/// </summary>
internal sealed class SnapshotRetention(IActorRef store, RunSpecification specification, int keep)
{
    private readonly HashSet<string> _onDisk = [];

    /// <summary>A snapshot is committed.</summary>
    public void Add(string file) => _onDisk.Add(file);

    /// <summary>Has the store remove what the state does not need.</summary>
    public void Prune(RunState state)
    {
        HashSet<string> retained =
            [.. state.Retained(keep, specification.Recovery.HealthyAfter).Select(snapshot => snapshot.File)];
        string[] superfluous = [.. _onDisk.Where(file => !retained.Contains(file))];
        _onDisk.ExceptWith(superfluous);
        if (superfluous.Length > 0)
        {
            store.Tell(new SnapshotStore.Remove(superfluous));
        }
    }
}
