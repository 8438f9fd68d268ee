using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Hessian.Operators;

namespace CurvatureActors.Actors.Tests.Hosting;

public sealed class DispatcherTests
{
    [Fact]
    public async Task Given_our_configuration_then_long_and_blocking_work_never_runs_on_the_default_dispatcher()
    {
        Config config = ConfigurationFactory.ParseString("akka.persistence.journal.plugin = akka.persistence.journal.inmem")
            .WithFallback(AkkaReference.Config);
        using var system = ActorSystem.Create("dispatchers", config);
        var snapshots = new SnapshotFolder(Path.GetTempPath());

        Assert.IsType<PinnedDispatcher>(DispatcherOf(system, Trainer.Props(null!, null!, "cpu")));
        Assert.IsType<PinnedDispatcher>(DispatcherOf(system, HessianProbe.Props(snapshots, new GraphBudget(0))));
        foreach (Props props in (Props[])
            [SnapshotStore.Props(snapshots, TimeSpan.Zero), TelemetryWriter.Props("", TimeSpan.FromSeconds(1), TimeSpan.Zero)])
        {
            MessageDispatcher dispatcher = DispatcherOf(system, props);
            Assert.NotEqual(system.Dispatchers.DefaultGlobalDispatcher, dispatcher);
            Assert.Equal("curvature-dispatchers", dispatcher.Id.Split('.')[0]);
        }

        await system.Terminate();
    }

    private static MessageDispatcher DispatcherOf(ActorSystem system, Props props)
    {
        Assert.True(system.Dispatchers.HasDispatcher(props.Dispatcher), $"there is no dispatcher {props.Dispatcher}");
        return system.Dispatchers.Lookup(props.Dispatcher);
    }
}
