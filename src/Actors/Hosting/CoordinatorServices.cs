using Akka.Actor;
using CurvatureActors.Actors.Snapshots;

namespace CurvatureActors.Actors.Hosting;

/// <summary>What the sweep and its run supervisors share; all of it is on the coordinator's node.</summary>
/// <param name="Store">The <see cref="SnapshotStore"/> that gives staged snapshots their names and removes old ones.</param>
/// <param name="Monitor">The monitor hub.</param>
internal sealed record CoordinatorServices(IActorRef Store, IActorRef Monitor)
{
    /// <summary>The <see cref="Sweeps.RunSealer"/>; null when ends are recorded without digests.</summary>
    public IActorRef? Sealer { get; init; }

    /// <summary>The journal's file, for messages about it.</summary>
    public string Journal { get; init; } = "journal.db";
}
