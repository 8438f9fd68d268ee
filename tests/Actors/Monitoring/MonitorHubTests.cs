using System.Threading.Channels;
using Akka.Actor;
using CurvatureActors.Actors.Monitoring;
using CurvatureActors.Actors.Tests.Hosting;

namespace CurvatureActors.Actors.Tests.Monitoring;

public sealed class MonitorHubTests : NodeTest
{
    private const int Events = 10_000;

    [Fact]
    public async Task Given_a_watcher_that_never_reads_then_the_other_gets_everything_and_it_keeps_the_newest()
    {
        IActorRef hub = Sys.ActorOf(MonitorHub.Props());
        Channel<IMonitorEvent> asleep = MonitorHub.CreateChannel();
        Channel<IMonitorEvent> awake = Channel.CreateUnbounded<IMonitorEvent>();
        hub.Tell(new MonitorHub.Attach(asleep.Writer));
        hub.Tell(new MonitorHub.Attach(awake.Writer));
        for (int i = 0; i < Events; i++)
        {
            hub.Tell(Event(i));
        }

        for (int i = 0; i < Events; i++)
        {
            Assert.Equal(Event(i), await awake.Reader.ReadAsync(Cancellation));
        }

        // The sleeper was served before the other one: all of its events are there, less the oldest.
        int kept = asleep.Reader.Count;
        Assert.InRange(kept, 1, Events - 1);
        for (int i = Events - kept; i < Events; i++)
        {
            Assert.True(asleep.Reader.TryRead(out IMonitorEvent? monitorEvent));
            Assert.Equal(Event(i), monitorEvent);
        }
    }

    [Fact]
    public async Task Given_a_late_watcher_then_it_hears_what_comes_after_it_and_the_end()
    {
        IActorRef hub = Sys.ActorOf(MonitorHub.Props());
        Channel<IMonitorEvent> late = MonitorHub.CreateChannel();
        hub.Tell(Event(0));
        hub.Tell(new MonitorHub.Attach(late.Writer));
        hub.Tell(Event(1));
        await StopAsync(hub);

        List<IMonitorEvent> heard = [];
        await foreach (IMonitorEvent monitorEvent in late.Reader.ReadAllAsync(Cancellation))
        {
            heard.Add(monitorEvent);
        }

        Assert.Equal([Event(1)], heard);
    }

    private static RunNotice Event(int number) => new("run", "name", $"{number}", DateTimeOffset.UnixEpoch);
}
