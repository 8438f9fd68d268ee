using System.Threading.Channels;
using Akka.Actor;

namespace CurvatureActors.Actors.Monitoring;

/// <summary>
/// Hands run events to whoever watches. Each watcher reads from a bounded channel of its own; one that is slow
/// loses the oldest events and slows nobody.
/// </summary>
internal sealed class MonitorHub : ReceiveActor
{
    /// <summary>Events a watcher may be behind.</summary>
    private const int Capacity = 4096;

    private readonly List<ChannelWriter<IMonitorEvent>> _watchers = [];

    public MonitorHub()
    {
        Receive<Attach>(attach => _watchers.Add(attach.Watcher));
        Receive<IMonitorEvent>(monitorEvent =>
        {
            foreach (ChannelWriter<IMonitorEvent> watcher in _watchers)
            {
                watcher.TryWrite(monitorEvent);
            }
        });
    }

    public static Props Props() => Akka.Actor.Props.Create(() => new MonitorHub());

    /// <summary>A channel fit for <see cref="Attach"/>.</summary>
    public static Channel<IMonitorEvent> CreateChannel() => Channel.CreateBounded<IMonitorEvent>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    protected override void PostStop()
    {
        foreach (ChannelWriter<IMonitorEvent> watcher in _watchers)
        {
            watcher.TryComplete();
        }
    }

    /// <summary>Send events to this channel from now on.</summary>
    public sealed record Attach(ChannelWriter<IMonitorEvent> Watcher) : INoSerializationVerificationNeeded;
}
