using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Persistence.Sql.Config;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Devices;
using CurvatureActors.Actors.Monitoring;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Sweeps;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Actors.Workers;
using CurvatureActors.Hessian.Native;
using CurvatureActors.Training.Curvature;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CurvatureActors.Actors.Hosting;

/// <summary>
/// The coordinator of an experiment: the actor system of the process that holds the state directory. It trains on the
/// devices of this process, or leaves that to worker processes.
/// </summary>
public sealed class ExperimentRunner : IAsyncDisposable
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);

    private readonly IHost _host;
    private readonly ExperimentSpecification _experiment;
    private readonly StateDirectory _directory;
    private readonly (IReadOnlyDictionary<string, RunStatus> Runs, string? Notice) _known;
    private readonly IActorRef _sweep;
    private readonly IActorRef? _workers;
    private readonly TaskCompletionSource<SweepProtocol.Ended> _failure =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _recovered;

    private ExperimentRunner(
        IHost host, StateDirectory directory, ExperimentSpecification experiment, IReadOnlyList<string> devices,
        WorkerOptions? workers, byte[]? certificate, (IReadOnlyDictionary<string, RunStatus> Runs, string? Notice) known)
    {
        _host = host;
        _directory = directory;
        _known = known;
        _experiment = experiment;
        Channel<IMonitorEvent> monitor = MonitorHub.CreateChannel();
        Events = monitor.Reader;
        ActorSystem system = host.Services.GetRequiredService<ActorSystem>();
        TimeSpan patience = experiment.Runtime.StoragePatience;
        var snapshots = new SnapshotFolder(directory.Snapshots);
        IActorRef hub = system.ActorOf(MonitorHub.Props(), "monitor");
        hub.Tell(new MonitorHub.Attach(monitor.Writer));
        system.ActorOf(StorageGuard.Props(_failure, hub, directory.Journal), "storage-guard");
        IActorRef store = system.ActorOf(SnapshotStore.Props(snapshots, patience, experiment.SnapshotBudget), "snapshots");
        IActorRef telemetry = system.ActorOf(
            TelemetryWriter.Props(directory.Telemetry, experiment.Runtime.TelemetryFlush, patience), "telemetry");
        IActorRef sealer = system.ActorOf(RunSealer.Props(directory, telemetry, patience), "sealer");
        _sweep = system.ActorOf(
            Sweep.Props(
                experiment.Name,
                new CoordinatorServices(store, hub) { Journal = directory.Journal, Sealer = sealer },
                TimeProvider.System),
            "sweep");
        if (workers is null)
        {
            IActorRef probes = system.ActorOf(ProbePool.Props(
                snapshots,
                experiment.Probe.Workers,
                experiment.Runtime.MeasurementHangAfter,
                GraphMemory.Of(experiment.Probe.GraphMemory)), "probes");
            var services = new NodeServices(Environment.MachineName, store, snapshots, probes, telemetry)
            {
                StoragePatience = patience,
                Processor = ProcessorKind.OfThisMachine,
            };
            for (int i = 0; i < devices.Count; i++)
            {
                system.ActorOf(DeviceSlot.Props(services, devices[i], _sweep), $"device-{i}");
            }
        }
        else
        {
            var cluster = Cluster.Get(system);
            cluster.Join(cluster.SelfAddress);
            _workers = system.ActorOf(
                WorkerPool.Props(
                    workers.Program,
                    experiment.Runtime.WorkerGrace ?? RuntimeOptions.UsualWorkerGrace,
                    Invite(workers, directory, experiment, devices, cluster.SelfAddress, certificate!),
                    _sweep,
                    hub,
                    TimeProvider.System),
                "workers");
        }
    }

    /// <summary>What happens, for who watches.</summary>
    public ChannelReader<IMonitorEvent> Events { get; }

    /// <summary>Starts the coordinator. The caller holds the lock of the state directory.</summary>
    /// <param name="directory">Where everything is kept.</param>
    /// <param name="experiment">What to run.</param>
    /// <param name="devices">Devices to use, one trainer each.</param>
    /// <param name="logging">Where the log of the actor system goes; nowhere when null.</param>
    /// <param name="workers">The worker processes that have the devices; null: this process has them.</param>
    /// <exception cref="StateDirectoryException">
    /// The journal or the telemetry cannot be opened for writing, or what is there cannot be gone on from.
    /// </exception>
    public static async Task<ExperimentRunner> StartAsync(
        StateDirectory directory,
        ExperimentSpecification experiment,
        IReadOnlyList<string> devices,
        Action<ILoggingBuilder>? logging = null,
        WorkerOptions? workers = null)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(experiment);
        ArgumentNullException.ThrowIfNull(devices);
        // Before any of it reaches an actor: what recovers from the journal takes what it reads for true.
        (IReadOnlyDictionary<string, RunStatus> Runs, string? Notice) known = StateCheck.Require(directory, experiment);
        StateDatabases.Prepare(directory, experiment.Runtime.StoragePatience);
        byte[]? certificate = workers is null ? null : RunCertificate.Create();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        logging?.Invoke(builder.Logging);
        builder.Services.AddAkka("curvature", akka =>
        {
            Config configuration = AkkaConfiguration(experiment);
            akka.AddSetup(JournalSetup(directory, experiment));
            if (certificate is not null)
            {
                akka.AddSetup(RunCertificate.Setup(certificate));
                configuration = WorkerCluster.Configuration(WorkerCluster.Coordinator).WithFallback(configuration);
            }

            akka.ConfigureLoggers(loggers =>
                {
                    loggers.ClearLoggers();
                    loggers.AddLoggerFactory();
                })
                .AddHocon(AkkaReference.Overridden(experiment.AkkaOverrides, configuration), HoconAddMode.Prepend);
        });
        IHost host = builder.Build();
        await host.StartAsync().ConfigureAwait(false);
        return new ExperimentRunner(host, directory, experiment, devices, workers, certificate, known);
    }

    /// <summary>Runs the experiment, or what is left of it, to its end.</summary>
    /// <returns>The state of each run by identity, and whether it was interrupted before the end.</returns>
    /// <exception cref="StateDirectoryException">Storage failed on the way; what was committed is intact.</exception>
    public async Task<ExperimentOutcome> RunAsync()
    {
        _ = AwaitRecoveryAsync();
        Task<SweepProtocol.Ended> ended = _sweep.Ask<SweepProtocol.Ended>(
            new SweepProtocol.Submit(_experiment) { Runs = _known.Runs, Notice = _known.Notice }, Timeout.InfiniteTimeSpan);
        SweepProtocol.Ended result = await (await Task.WhenAny(ended, _failure.Task).ConfigureAwait(false)).ConfigureAwait(false);
        return new ExperimentOutcome(result.Interrupted, result.Runs);
    }

    /// <summary>Lets each trainer finish its slice and make a snapshot; <see cref="RunAsync"/> then returns.</summary>
    public void Interrupt()
    {
        if (!_recovered)
        {
            // A sweep that still reads its journal, or waits for it, hears nothing; but then it has started nothing.
            _failure.TrySetResult(new SweepProtocol.Ended(Interrupted: true, new Dictionary<string, RunStatus>()));
        }

        _sweep.Tell(new SweepProtocol.Interrupt());
    }

    /// <summary>Pauses, continues, stops or cancels a run or the whole experiment.</summary>
    /// <param name="action">What to do.</param>
    /// <param name="target">With which run, or with all.</param>
    /// <param name="by">Who asks, in words for the journal; null when that is not known.</param>
    /// <returns>
    /// What was done with each run, once it is done, at most a minute later; null when there is no such target, or
    /// more than one, or the program is ending.
    /// </returns>
    public async Task<IReadOnlyList<RunOutcome>?> ControlAsync(ControlAction action, ControlTarget target, string? by = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        Task<SweepProtocol.Controlled> answer = _sweep.Ask<SweepProtocol.Controlled>(
            new SweepProtocol.Control(action, target, by), Timeout.InfiniteTimeSpan);
        return await Task.WhenAny(answer, _disposed.Task).ConfigureAwait(false) == answer
            && await answer.ConfigureAwait(false) is { Found: true } controlled
            ? controlled.Runs
            : null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _disposed.TrySetResult();
        if (_workers is not null)
        {
            await EndWorkersAsync(_workers).ConfigureAwait(false);
        }

        await _host.StopAsync().ConfigureAwait(false);
        _host.Dispose();
        Checkpoint.Of(_directory.Journal);
        Checkpoint.Of(_directory.Telemetry);
    }

    /// <summary>
    /// Before the system ends, which would take workers that go for workers that are lost. What is heard of their connections
    /// from here on is that they have gone, and no warning.
    /// </summary>
    private async Task EndWorkersAsync(IActorRef workers)
    {
        ActorSystem system = _host.Services.GetRequiredService<ActorSystem>();
        // Above all levels: the value that Akka has for "off".
        system.EventStream.SetLogLevel((Akka.Event.LogLevel)int.MaxValue);
        try
        {
            await workers.Ask<WorkerPool.End>(new WorkerPool.End(), EndPatience).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            // The pool kills them when it stops.
        }
    }

    internal static Config AkkaConfiguration(ExperimentSpecification experiment)
    {
        // A write waits for a locked journal inside SQLite; Akka must not give it up before.
        int patience = Math.Max(1, (int)experiment.Runtime.StoragePatience.TotalSeconds);
        return ConfigurationFactory.ParseString(
            $$"""
            akka.persistence.journal.sql.circuit-breaker.call-timeout = {{patience + 20}}s
            akka.persistence.journal.sql.recovery-event-timeout = {{patience + 20}}s
            """)
            .WithFallback(AkkaReference.Config);
    }

    /// <summary>Where the journal is.</summary>
    internal static DataOptionsSetup JournalSetup(StateDirectory directory, ExperimentSpecification experiment) =>
        new(StateDatabases.Journal(directory, experiment.Runtime.StoragePatience));

    private async Task AwaitRecoveryAsync()
    {
        await _sweep.Ask<SweepProtocol.Recovered>(new SweepProtocol.Recovered(), Timeout.InfiniteTimeSpan).ConfigureAwait(false);
        _recovered = true;
    }

    private static WorkerInvitation[] Invite(
        WorkerOptions workers, StateDirectory directory, ExperimentSpecification experiment,
        IReadOnlyList<string> devices, Address coordinator, byte[] certificate)
    {
        IReadOnlyList<IReadOnlyList<string>> shares = workers.Share(devices);
        long graphs = GraphMemory.Of(experiment.Probe.GraphMemory, shares.Count).Bytes;
        return [.. shares.Select((share, index) => new WorkerInvitation
        {
            Name = $"worker-{index + 1}",
            Coordinator = coordinator.ToString(),
            Certificate = certificate,
            Devices = share,
            Threads = experiment.Threads,
            TuneAllocator = experiment.Runtime.TuneAllocator,
            ProbeWorkers = experiment.Probe.Workers,
            MeasurementHangAfter = experiment.Runtime.MeasurementHangAfter,
            GraphMemory = graphs,
            StateDirectory = directory.Path,
            StoragePatience = experiment.Runtime.StoragePatience,
            AkkaOverrides = experiment.AkkaOverrides,
        })];
    }
}
