using Akka.Actor;
using CurvatureActors.Actors.Snapshots;

namespace CurvatureActors.Actors.Hosting;

/// <summary>What actors of one node share. Passed in Props, never in a message, so it never leaves the node.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="Store">The node's <see cref="SnapshotStore"/>.</param>
/// <param name="Snapshots">The folder it writes.</param>
/// <param name="Probes">The node's probe pool.</param>
/// <param name="Telemetry">The node's telemetry writer.</param>
/// <param name="Monitor">The node's monitor hub.</param>
internal sealed record NodeServices(
    string Node,
    IActorRef Store,
    SnapshotFolder Snapshots,
    IActorRef Probes,
    IActorRef Telemetry,
    IActorRef Monitor);
