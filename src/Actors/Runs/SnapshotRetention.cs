using Akka.Actor;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Runs;

/// <summary>
/// Removes the snapshots of a run that no rollback can land on any more, those of abandoned history included, and says
/// which of the kept ones may go when space runs out. Knows the files that the journal has named, so it never touches
/// one whose commit is still under way.
/// </summary>
internal sealed class SnapshotRetention(IActorRef store, string run, RunSpecification specification, int keep)
{
    private readonly HashSet<string> _onDisk = [];

    /// <summary>A snapshot is committed.</summary>
    public void Add(string file) => _onDisk.Add(file);

    /// <summary>Has the store remove what the state does not need.</summary>
    public void Prune(RunState state)
    {
        string[] retained = [.. state.Retained(keep, specification).Select(snapshot => snapshot.File)];
        string[] superfluous = [.. _onDisk.Except(retained)];
        string[] expendable = [.. retained.Except(state.Needed(specification).Select(snapshot => snapshot.File))];
        _onDisk.ExceptWith(superfluous);
        store.Tell(new SnapshotStore.Remove(run, superfluous, expendable));
    }
}
