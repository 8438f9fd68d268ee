using System.Net.Sockets;
using System.Runtime.InteropServices;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Workers;
using CurvatureActors.Cli.Commands;
using CurvatureActors.Cli.Control;
using CurvatureActors.Cli.Display;
using CurvatureActors.Hessian.Native;
using Microsoft.AspNetCore.Connections;

namespace CurvatureActors.Cli;

/// <summary>Runs experiments in the foreground: shows them, hears Ctrl-C, and says how it ended.</summary>
/// <param name="directory">Where everything is kept.</param>
/// <param name="held">Its lock.</param>
/// <param name="plain">Lines instead of a live table.</param>
/// <param name="workers">Number of worker processes; null to train in this one.</param>
internal sealed class ExperimentSession(StateDirectory directory, StateDirectoryLock held, bool plain, int? workers)
{
    private readonly ProgramControl _control = new(directory);
    private volatile ExperimentRunner? _runner;
    private volatile bool _starting = true;
    private int _signals;

    /// <summary>Runs the experiments one after the other.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(IReadOnlyList<ExperimentSpecification> experiments)
    {
        using PosixSignalRegistration interrupt = OnSignal(PosixSignal.SIGINT);
        using PosixSignalRegistration terminate = OnSignal(PosixSignal.SIGTERM);
        using PosixSignalRegistration? hangUp = HangUp.IsIgnored ? null : OnSignal(PosixSignal.SIGHUP);
        ControlServer? server = await ListenAsync().ConfigureAwait(false);
        try
        {
            return await RunEachAsync(experiments).ConfigureAwait(false);
        }
        finally
        {
            _control.Close();
            if (server is not null)
            {
                await server.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<int> RunEachAsync(IReadOnlyList<ExperimentSpecification> experiments)
    {
        int exitCode = ExitCode.Success;
        foreach (ExperimentSpecification experiment in experiments)
        {
            ExperimentOutcome outcome = await RunAsync(experiment).ConfigureAwait(false);
            if (outcome.Interrupted)
            {
                return ExitCode.Interrupted;
            }

            if (outcome.Runs.Values.Any(status => status is RunStatus.Diverged or RunStatus.Failed or RunStatus.Stopped))
            {
                exitCode = ExitCode.RunsFailed;
            }
        }

        return exitCode;
    }

    /// <summary>A machine that lets nobody listen still trains; only control is missing.</summary>
    private async Task<ControlServer?> ListenAsync()
    {
        try
        {
            ControlServer server = await ControlServer.StartAsync(_control, ControlToken.Create(directory)).ConfigureAwait(false);
            held.Announce(server.Address, directory.Token);
            return server;
        }
        catch (Exception error) when (error is SocketException or AddressInUseException)
        {
            await Console.Error.WriteLineAsync($"pause, continue, stop and cancel will not work: {error.Message}").ConfigureAwait(false);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StateDirectoryException(
                $"The state directory {directory.Path} cannot be written: {error.Message.TrimEnd('.')}. The same command goes on once it can.", error);
        }
    }

    private async Task<ExperimentOutcome> RunAsync(ExperimentSpecification experiment)
    {
        _starting = true;
        NativeRuntimeReport native = NativeSetup.Apply(experiment);
        IReadOnlyList<string> devices = DeviceList.Resolve(
            experiment.Devices,
            experiment.Threads,
            native.Devices.Count(device => device.StartsWith("cuda", StringComparison.Ordinal)),
            workers ?? 1);
        if (workers > devices.Count)
        {
            throw new UsageException(
                $"--workers is {workers}, but there are only {devices.Count} devices ({string.Join(", ", devices)}); each worker needs one.");
        }

        ExperimentOutcome outcome;
        ExperimentRunner runner = await ExperimentRunner.StartAsync(
            directory,
            experiment,
            devices,
            logging => LogFile.Use(logging, directory),
            workers is { } count && !HasEnded(experiment) ? new WorkerOptions(count, ThisProgram()) : null).ConfigureAwait(false);
        await using (runner.ConfigureAwait(false))
        {
            IRunDisplay display = plain || Console.IsOutputRedirected
                ? new PlainDisplay(Console.Out)
                : new LiveDisplay(experiment);
            using var ended = new CancellationTokenSource();
            Task shown = display.ShowAsync(runner.Events, ended.Token);
            _runner = runner;
            _starting = false;
            if (Volatile.Read(ref _signals) > 0)
            {
                // It came while there was nobody yet to hear it.
                runner.Interrupt();
            }

            try
            {
                _control.Begin(runner);
                outcome = await DirectoryWatch.DuringAsync(runner.RunAsync(), held).ConfigureAwait(false);
            }
            finally
            {
                _runner = null;
                _control.End();
                await ended.CancelAsync().ConfigureAwait(false);
                await shown.ConfigureAwait(false);
            }
        }

        ClosingWords.Write(Console.Out, directory, experiment, outcome);
        return outcome;
    }

    /// <summary>Whether there is nothing left to train, so that no worker need be started for it.</summary>
    private bool HasEnded(ExperimentSpecification experiment)
    {
        using var reader = new StateReader(directory);
        HashSet<string> ended =
        [
            .. reader.Experiments().Where(view => view.Name == experiment.Name)
                .SelectMany(view => view.Runs)
                .Where(run => run.State.Status.IsTerminal())
                .Select(run => run.Run),
        ];
        return experiment.Runs.All(run => ended.Contains(run.Run));
    }

    /// <summary>This program again, whether it was started by its own name or through <c>dotnet</c>.</summary>
    private static WorkerProgram ThisProgram()
    {
        string executable = Environment.ProcessPath!;
        bool host = Path.GetFileNameWithoutExtension(executable).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        return new WorkerProgram(
            executable, host ? [Environment.GetCommandLineArgs()[0], WorkerCommand.Name] : [WorkerCommand.Name])
        {
            Environment = new Dictionary<string, string> { [DiagnosticFiles.Variable] = "0" },
        };
    }

    /// <summary>
    /// The first signal asks for an orderly pause, the second ends the process at once; both can be resumed. A terminal that
    /// closes may send its signal more than once, in haste of nobody.
    /// </summary>
    private PosixSignalRegistration OnSignal(PosixSignal signal) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            // While a start waits, for a locked journal say, there is nothing to finish.
            if (Interlocked.Increment(ref _signals) > 1 || _starting)
            {
                if (signal == PosixSignal.SIGHUP && !_starting)
                {
                    return;
                }

                ProcessEnd.Now(ExitCode.Interrupted);
            }

            Console.Error.WriteLine("Finishing the steps under way and saving; once more to end at once.");
            _runner?.Interrupt();
        });
}
