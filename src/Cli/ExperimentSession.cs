using System.Runtime.InteropServices;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Workers;
using CurvatureActors.Cli.Commands;
using CurvatureActors.Cli.Display;
using CurvatureActors.Hessian.Native;

namespace CurvatureActors.Cli;

/// <summary>Runs experiments in the foreground: shows them, hears Ctrl-C, and says how it ended.</summary>
/// <param name="directory">Where everything is kept; the caller holds its lock.</param>
/// <param name="plain">Lines instead of a live table.</param>
/// <param name="workers">Number of worker processes; null to train in this one.</param>
internal sealed class ExperimentSession(StateDirectory directory, bool plain, int? workers)
{
    private int _signals;

    /// <summary>Runs the experiments one after the other.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(IReadOnlyList<ExperimentSpecification> experiments)
    {
        int exitCode = ExitCode.Success;
        foreach (ExperimentSpecification experiment in experiments)
        {
            ExperimentOutcome outcome = await RunAsync(experiment).ConfigureAwait(false);
            if (outcome.Interrupted)
            {
                return ExitCode.Interrupted;
            }

            if (outcome.Runs.Values.Any(status => status is RunStatus.Diverged or RunStatus.Failed))
            {
                exitCode = ExitCode.RunsFailed;
            }
        }

        return exitCode;
    }

    private async Task<ExperimentOutcome> RunAsync(ExperimentSpecification experiment)
    {
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
            workers is { } count ? new WorkerOptions(count, ThisProgram()) : null).ConfigureAwait(false);
        await using (runner.ConfigureAwait(false))
        {
            IRunDisplay display = plain || Console.IsOutputRedirected
                ? new PlainDisplay(Console.Out)
                : new LiveDisplay(experiment);
            using var ended = new CancellationTokenSource();
            Task shown = display.ShowAsync(runner.Events, ended.Token);
            using PosixSignalRegistration interrupt = OnSignal(PosixSignal.SIGINT, runner);
            using PosixSignalRegistration terminate = OnSignal(PosixSignal.SIGTERM, runner);
            try
            {
                outcome = await runner.RunAsync().ConfigureAwait(false);
            }
            finally
            {
                await ended.CancelAsync().ConfigureAwait(false);
                await shown.ConfigureAwait(false);
            }
        }

        ClosingWords.Write(Console.Out, directory, experiment, outcome);
        return outcome;
    }

    /// <summary>This program again, whether it was started by its own name or through <c>dotnet</c>.</summary>
    private static WorkerProgram ThisProgram()
    {
        string executable = Environment.ProcessPath!;
        bool host = Path.GetFileNameWithoutExtension(executable).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        return new WorkerProgram(
            executable, host ? [Environment.GetCommandLineArgs()[0], WorkerCommand.Name] : [WorkerCommand.Name]);
    }

    /// <summary>The first signal asks for an orderly pause, the second ends the process at once; both can be resumed.</summary>
    private PosixSignalRegistration OnSignal(PosixSignal signal, ExperimentRunner runner) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            if (Interlocked.Increment(ref _signals) > 1)
            {
                ProcessEnd.Now(ExitCode.Interrupted);
            }

            Console.Error.WriteLine("Finishing the steps under way and saving; once more to end at once.");
            runner.Interrupt();
        });
}
