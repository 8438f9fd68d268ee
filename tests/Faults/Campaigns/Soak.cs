using System.Diagnostics;
using System.Globalization;
using CurvatureActors.EndToEnd.Tests.Harness;
using CurvatureActors.Faults.Tests.Harness;

namespace CurvatureActors.Faults.Tests.Campaigns;

/// <summary>
/// A sweep of very many very short runs: the coordinator's memory must not grow with the runs that are done, and a
/// finished sweep must be known as finished at once.
/// </summary>
internal static class Soak
{
    /// <summary>Share of the runs after which memory is looked at.</summary>
    private const double WarmUp = 0.25;

    /// <summary>
    /// Growth that is not taken for a leak: what a run leaves in memory is its specification and state, some kilobytes,
    /// and the collector of the runtime comes when it likes.
    /// </summary>
    private const double MostKilobytesPerRun = 32;

    public static async Task<CampaignResult> RunAsync(int seed, int count, Action<string> report)
    {
        var tally = new Tally("soak", seed, report);
        using var trial = new Trial(Sweeps.Short(seed, count));
        HashSet<string> planned = await Uninterrupted.PlanAsync(trial.File);
        List<(double Runs, double Kilobytes)> memory = [];
        await using (RunningProgram program = trial.Start("--workers", "2"))
        {
            bool running = true;
            while (running)
            {
                running = await Processes.RunsForAsync(program, TimeSpan.FromSeconds(FaultSettings.Full ? 2 : 0.25));
                if (running && Processes.ResidentKilobytes(program.Id) is { } resident)
                {
                    memory.Add((State.Count(trial.State, "run-completed/1"), resident));
                }
            }

            ProgramResult result = await program.WaitAsync();
            tally.Expect(result.ExitCode == 0, $"exit code {result.ExitCode}: {result.Error}");
        }

        tally.Fault($"{count} runs");
        tally.Expect(planned.Count == count, $"{planned.Count} runs were planned instead of {count}");
        List<RunEvent> ends = [.. JournalFile.Read(trial.State).Where(e => e.Terminal)];
        tally.Expect(
            ends.Count == count && ends.Select(e => e.Run).ToHashSet().SetEquals(planned),
            $"{ends.Count} ends of {ends.DistinctBy(e => e.Run).Count()} runs instead of {count}");

        (double, double)[] warm = [.. memory.Where(sample => sample.Runs >= WarmUp * count)];
        double slope = Slope(warm);
        tally.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{count} runs; resident memory of the coordinator {memory.Select(m => m.Kilobytes).DefaultIfEmpty().Max() / 1024:f0} MiB at most, slope {slope:f1} KiB per run in {warm.Length} samples"));
        if (FaultSettings.Full)
        {
            tally.Expect(slope <= MostKilobytesPerRun, $"memory grows by {slope:f1} KiB per run");
        }

        long started = Stopwatch.GetTimestamp();
        await using (RunningProgram again = trial.Start("--workers", "2"))
        {
            ProgramResult result = await again.WaitAsync();
            tally.Expect(result.ExitCode == 0, $"the finished sweep ended with exit code {result.ExitCode}: {result.Error}");
        }

        tally.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"the finished sweep again {Stopwatch.GetElapsedTime(started).TotalSeconds:f1} s, journal {Megabytes(trial, "journal.db"):f1} MB, telemetry {Megabytes(trial, "telemetry.db"):f1} MB"));
        tally.Expect(
            JournalFile.Read(trial.State).Count(e => e.Terminal) == count, "running the finished sweep again ended runs again");
        return tally.Result();
    }

    /// <summary>Least squares.</summary>
    private static double Slope((double X, double Y)[] points)
    {
        if (points.Length < 2)
        {
            return 0;
        }

        double x = points.Average(point => point.X);
        double y = points.Average(point => point.Y);
        double spread = points.Sum(point => (point.X - x) * (point.X - x));
        return spread == 0 ? 0 : points.Sum(point => (point.X - x) * (point.Y - y)) / spread;
    }

    private static double Megabytes(Trial trial, string file) => new FileInfo(Path.Combine(trial.State, file)).Length / 1e6;
}
