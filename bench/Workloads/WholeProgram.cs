using System.Diagnostics;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Monitoring;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Telemetry;

namespace CurvatureActors.Bench.Workloads;

/// <summary>The program without its command line: actors, journal, telemetry, snapshots on disk, in a fresh folder.</summary>
internal static class WholeProgram
{
    private const int DenseSteps = 20;

    /// <summary>Runs an experiment to its end.</summary>
    /// <param name="experiment">What to run.</param>
    /// <param name="devices">Trainers side by side, <c>cpu</c>, <c>cpu:1</c>.</param>
    /// <param name="observed">Told of every report of steps, for measurements of other things.</param>
    internal static async Task<ProgramReading> RunAsync(
        ExperimentSpecification experiment, IReadOnlyList<string> devices, Action<RunProgress>? observed = null)
    {
        var directory = new StateDirectory(Directory.CreateTempSubdirectory("curvature-bench-").FullName);
        try
        {
            long started = Stopwatch.GetTimestamp();
            Dictionary<string, List<Report>> reports = experiment.Runs.ToDictionary(run => run.Run, _ => new List<Report>());
            ExperimentRunner runner = await ExperimentRunner.StartAsync(directory, experiment, devices).ConfigureAwait(false);
            Task watching;
            ExperimentOutcome outcome;
            await using (runner.ConfigureAwait(false))
            {
                watching = WatchAsync(runner, reports, observed);
                outcome = await runner.RunAsync().ConfigureAwait(false);
            }

            await watching.ConfigureAwait(false);
            double wall = Stopwatch.GetElapsedTime(started).TotalSeconds;
            if (outcome.Runs.Values.Any(status => status != RunStatus.Completed))
            {
                throw new InvalidOperationException("A run did not complete.");
            }

            return Read(experiment, directory, [.. reports.Values], wall);
        }
        finally
        {
            Directory.Delete(directory.Path, recursive: true);
        }
    }

    private static async Task WatchAsync(
        ExperimentRunner runner, Dictionary<string, List<Report>> reports, Action<RunProgress>? observed)
    {
        await foreach (IMonitorEvent monitorEvent in runner.Events.ReadAllAsync().ConfigureAwait(false))
        {
            if (monitorEvent is not RunProgress progress)
            {
                continue;
            }

            List<Report> ofRun = reports[progress.Run];
            if (progress.Step > (ofRun.Count == 0 ? 0 : ofRun[^1].Step))
            {
                ofRun.Add(new(
                    Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency,
                    Environment.CpuUsage.TotalTime.TotalMicroseconds,
                    progress.Step));
                observed?.Invoke(progress);
            }
        }
    }

    private static ProgramReading Read(
        ExperimentSpecification experiment, StateDirectory directory, List<Report>[] runs, double wall)
    {
        // Where runs are side by side, only the time in which all of them train.
        Report first = runs.Select(run => run[0]).MaxBy(report => report.Seconds)!;
        Report last = runs.Select(run => run[^1]).MinBy(report => report.Seconds)!;
        double steps = runs.Sum(run => StepAt(run, last.Seconds) - StepAt(run, first.Seconds));
        using TelemetryDatabase telemetry = TelemetryDatabase.OpenReader(directory.Telemetry)!;
        return new(
            steps / (last.Seconds - first.Seconds),
            (last.Processor - first.Processor) / steps,
            wall,
            runs.Average(run => run.First(report => report.Step >= DenseSteps).Seconds - run[0].Seconds),
            experiment.Runs.Sum(run => telemetry.Measurements(run.Run).Count));
    }

    /// <summary>The step at a time between two reports.</summary>
    private static double StepAt(List<Report> run, double seconds)
    {
        int after = Math.Max(1, run.FindIndex(report => report.Seconds >= seconds));
        (Report a, Report b) = (run[after - 1], run[after]);
        return a.Step + ((b.Step - a.Step) * (seconds - a.Seconds) / (b.Seconds - a.Seconds));
    }

    private sealed record Report(double Seconds, double Processor, int Step);
}
