using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Remote;
using CurvatureActors.Actors.Devices;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Hessian.Native;
using CurvatureActors.Hessian.Operators;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CurvatureActors.Actors.Workers;

/// <summary>
/// A worker process: devices with their trainers and probes, and nothing that decides. It writes snapshots under staging
/// names only; journal and telemetry are the coordinator's.
/// </summary>
public static class WorkerNode
{
    private static readonly TimeSpan JoinPatience = TimeSpan.FromSeconds(30);

    /// <summary>Works until the cluster has given this node up. The process must end then, whatever still runs in it.</summary>
    /// <returns>Why, in one sentence.</returns>
    public static async Task<string> RunAsync(WorkerInvitation invitation, Action<ILoggingBuilder> logging)
    {
        ArgumentNullException.ThrowIfNull(invitation);
        ArgumentNullException.ThrowIfNull(logging);
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        logging(builder.Logging);
        builder.Services.AddAkka("curvature", akka => akka
            .AddSetup(RunCertificate.Setup(invitation.Certificate))
            .ConfigureLoggers(loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
            })
            .AddHocon(Configuration(invitation), HoconAddMode.Prepend));
        using IHost host = builder.Build();
        await host.StartAsync().ConfigureAwait(false);
        ActorSystem system = host.Services.GetRequiredService<ActorSystem>();

        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var cluster = Cluster.Get(system);
        cluster.RegisterOnMemberRemoved(() => ended.TrySetResult("The coordinator has given this worker up."));
        system.ActorOf(Props.Create(() => new QuarantineWatch(ended)), "quarantine-watch");
        var coordinator = Address.Parse(invitation.Coordinator);
        await cluster.JoinAsync(coordinator).WaitAsync(JoinPatience).ConfigureAwait(false);
        await StartAsync(system, new RootActorPath(coordinator) / "user", invitation).ConfigureAwait(false);
        return await ended.Task.ConfigureAwait(false);
    }

    private static async Task StartAsync(ActorSystem system, ActorPath coordinator, WorkerInvitation invitation)
    {
        IActorRef telemetry = await system.ActorSelection(coordinator / "telemetry").ResolveOne(JoinPatience).ConfigureAwait(false);
        system.ActorOf(WorkerForward.Props(system.ActorSelection(coordinator / "storage-guard")), "storage-forward");
        var snapshots = new SnapshotFolder(new StateDirectory(invitation.StateDirectory).Snapshots);
        var services = new NodeServices(
            invitation.Name,
            system.ActorOf(SnapshotStore.Props(snapshots, invitation.StoragePatience), "snapshots"),
            snapshots,
            system.ActorOf(
                ProbePool.Props(
                    snapshots, invitation.ProbeWorkers, invitation.MeasurementHangAfter, new GraphBudget(invitation.GraphMemory)),
                "probes"),
            telemetry)
        {
            StoragePatience = invitation.StoragePatience,
            Processor = ProcessorKind.OfThisMachine,
        };
        ICanTell sweep = system.ActorSelection(coordinator / "sweep");
        for (int i = 0; i < invitation.Devices.Count; i++)
        {
            system.ActorOf(DeviceSlot.Props(services, invitation.Devices[i], sweep), $"device-{i}");
        }
    }

    private static Config Configuration(WorkerInvitation invitation) => AkkaReference.Overridden(
        invitation.AkkaOverrides,
        WorkerCluster.Configuration(WorkerCluster.Worker, invitation.Name).WithFallback(AkkaReference.Config));

    /// <summary>The other way of being given up: the coordinator will never speak to this system again.</summary>
    private sealed class QuarantineWatch : ReceiveActor
    {
        public QuarantineWatch(TaskCompletionSource<string> ended)
        {
            Receive<ThisActorSystemQuarantinedEvent>(_ =>
                ended.TrySetResult("The coordinator has shut this worker out."));
            Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));
        }
    }
}
