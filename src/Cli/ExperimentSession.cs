using System.Runtime.InteropServices;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Cli.Display;
using CurvatureActors.Hessian.Native;

namespace CurvatureActors.Cli;

/// <summary>Runs experiments in the foreground: shows them, hears Ctrl-C, and says how it ended.</summary>
/// <param name="directory">Where everything is kept; the caller holds its lock.</param>
/// <param name="plain">Lines instead of a live table.</param>
internal sealed class ExperimentSession(StateDirectory directory, bool plain)
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
            experiment.Devices, experiment.Threads, native.Devices.Count(device => device.StartsWith("cuda", StringComparison.Ordinal)));
        ExperimentOutcome outcome;
        ExperimentRunner runner = await ExperimentRunner.StartAsync(
            directory, experiment, devices, logging => LogFile.Use(logging, directory)).ConfigureAwait(false);
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
