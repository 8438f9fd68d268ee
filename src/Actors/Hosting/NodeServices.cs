using Akka.Actor;
using CurvatureActors.Actors.Snapshots;

namespace CurvatureActors.Actors.Hosting;

/// <summary>What the trainers of one node share. Passed in Props, never in a message, so it never leaves the node.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="Store">The node's <see cref="SnapshotStore"/>, which stages what its trainers capture.</param>
/// <param name="Snapshots">The folder it writes.</param>
/// <param name="Probes">The node's probe pool.</param>
/// <param name="Telemetry">The experiment's telemetry writer, which may be on another node.</param>
internal sealed record NodeServices(
    string Node,
    IActorRef Store,
    SnapshotFolder Snapshots,
    IActorRef Probes,
    IActorRef Telemetry)
{
    /// <summary>How long what cannot be read is tried again.</summary>
    public TimeSpan StoragePatience { get; init; } = TimeSpan.FromSeconds(180);

    /// <summary>Kind of the node's processor, in words; null when it is not known.</summary>
    public string? Processor { get; init; }
}
