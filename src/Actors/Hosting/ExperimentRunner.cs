using System.Threading.Channels;
using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Devices;
using CurvatureActors.Actors.Monitoring;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Sweeps;
using CurvatureActors.Actors.Telemetry;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CurvatureActors.Actors.Hosting;

/// <summary>One node: the actor system of a process, with its devices, working on one experiment.</summary>
public sealed class ExperimentRunner : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly ExperimentSpecification _experiment;
    private readonly IActorRef _sweep;
    private readonly TaskCompletionSource<SweepProtocol.Ended> _failure =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ExperimentRunner(
        IHost host, ActorSystem system, StateDirectory directory, ExperimentSpecification experiment,
        IReadOnlyList<string> devices, Channel<IMonitorEvent> monitor)
    {
        _host = host;
        _experiment = experiment;
        Events = monitor.Reader;
        system.ActorOf(StorageGuard.Props(_failure), "storage-guard");

        var snapshots = new SnapshotFolder(directory.Snapshots);
        IActorRef hub = system.ActorOf(MonitorHub.Props(), "monitor");
        hub.Tell(new MonitorHub.Attach(monitor.Writer));
        IActorRef store = system.ActorOf(SnapshotStore.Props(snapshots), "snapshots");
        var services = new NodeServices(
            Environment.MachineName,
            store,
            snapshots,
            system.ActorOf(ProbePool.Props(snapshots, experiment.Probe.Workers), "probes"),
            system.ActorOf(TelemetryWriter.Props(directory.Telemetry, experiment.Runtime.TelemetryFlush), "telemetry"));
        _sweep = system.ActorOf(
            Sweep.Props(experiment.Name, new CoordinatorServices(store, hub), TimeProvider.System), "sweep");
        for (int i = 0; i < devices.Count; i++)
        {
            system.ActorOf(DeviceSlot.Props(services, devices[i], _sweep), $"device-{i}");
        }
    }

    /// <summary>What happens, for who watches.</summary>
    public ChannelReader<IMonitorEvent> Events { get; }

    /// <summary>Starts the node. The caller holds the lock of the state directory.</summary>
    /// <param name="directory">Where everything is kept.</param>
    /// <param name="experiment">What to run.</param>
    /// <param name="devices">Devices to use, one trainer each.</param>
    /// <param name="logging">Where the log of the actor system goes; nowhere when null.</param>
    /// <exception cref="StateDirectoryException">The journal or the telemetry cannot be opened for writing.</exception>
    public static async Task<ExperimentRunner> StartAsync(
        StateDirectory directory,
        ExperimentSpecification experiment,
        IReadOnlyList<string> devices,
        Action<ILoggingBuilder>? logging = null)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(experiment);
        ArgumentNullException.ThrowIfNull(devices);
        PrepareDatabases(directory);
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        logging?.Invoke(builder.Logging);
        builder.Services.AddAkka("curvature", akka => akka
            .ConfigureLoggers(loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
            })
            .AddHocon(AkkaConfiguration(directory, experiment), HoconAddMode.Prepend));
        IHost host = builder.Build();
        await host.StartAsync().ConfigureAwait(false);
        return new ExperimentRunner(
            host, host.Services.GetRequiredService<ActorSystem>(), directory, experiment, devices,
            MonitorHub.CreateChannel());
    }

    /// <summary>Runs the experiment, or what is left of it, to its end.</summary>
    /// <returns>The state of each run by identity, and whether it was interrupted before the end.</returns>
    /// <exception cref="StateDirectoryException">Storage failed on the way; what was committed is intact.</exception>
    public async Task<ExperimentOutcome> RunAsync()
    {
        Task<SweepProtocol.Ended> ended = _sweep.Ask<SweepProtocol.Ended>(
            new SweepProtocol.Submit(_experiment), Timeout.InfiniteTimeSpan);
        SweepProtocol.Ended result = await (await Task.WhenAny(ended, _failure.Task).ConfigureAwait(false)).ConfigureAwait(false);
        return new ExperimentOutcome(result.Interrupted, result.Runs);
    }

    /// <summary>Lets each trainer finish its slice and make a snapshot; <see cref="RunAsync"/> then returns.</summary>
    public void Interrupt() => _sweep.Tell(new SweepProtocol.Interrupt());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync().ConfigureAwait(false);
        _host.Dispose();
    }

    internal static Config AkkaConfiguration(StateDirectory directory, ExperimentSpecification experiment)
    {
        string connection = new SqliteConnectionStringBuilder
        {
            DataSource = directory.Journal,
            DefaultTimeout = 30,
        }.ConnectionString;
        Config fixedByTheProgram = ConfigurationFactory.ParseString(
            $$"""
            akka.persistence.journal.sql.connection-string = "{{connection.Replace("\\", "\\\\", StringComparison.Ordinal)}}"
            curvature-dispatchers.probe.dedicated-thread-pool.thread-count = {{experiment.Probe.Workers}}
            """);
        return fixedByTheProgram
            .WithFallback(ConfigurationFactory.ParseString(experiment.AkkaOverrides))
            .WithFallback(AkkaReference.Config);
    }

    /// <summary>
    /// Write-ahead logging belongs to a file, so it is set once; and a directory that cannot be written is better
    /// found out here than from inside an actor.
    /// </summary>
    private static void PrepareDatabases(StateDirectory directory)
    {
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = directory.Journal,
                Pooling = false,
            }.ConnectionString);
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText =
                "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS writable (x); DROP TABLE writable; COMMIT;";
            command.ExecuteNonQuery();
            TelemetryDatabase.OpenWriter(directory.Telemetry).Dispose();
            Directory.CreateDirectory(directory.Snapshots);
            new SnapshotFolder(directory.Snapshots).RemoveUnfinished();
        }
        catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new StateDirectoryException(
                $"The state directory {directory.Path} cannot be written: {error.Message}", error);
        }
    }
}
