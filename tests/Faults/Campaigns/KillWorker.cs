using System.Diagnostics;
using CurvatureActors.EndToEnd.Tests.Harness;
using CurvatureActors.Faults.Tests.Harness;

namespace CurvatureActors.Faults.Tests.Campaigns;

/// <summary>kill -9 of a worker process at random moments, every other time while a snapshot is being written.</summary>
internal static class KillWorker
{
    private static readonly TimeSpan WaitForWriting = TimeSpan.FromSeconds(2);

    public static async Task<CampaignResult> RunAsync(int seed, int count, Action<string> report)
    {
        var random = new Random(seed);
        var tally = new Tally("kill a worker", seed, report);
        Uninterrupted reference = await Uninterrupted.OfAsync(Sweeps.Slower);
        int whileWriting = 0;
        while (tally.Faults < count)
        {
            using var trial = new Trial(reference.Text);
            var clock = new RecoveryClock(trial, tally);
            await using RunningProgram program = trial.Start("--workers", "2");
            while (tally.Faults < count
                && await Processes.RunsForAsync(program, TimeSpan.FromSeconds(0.3 + (2.2 * random.NextDouble())), clock.Look))
            {
                string? writing = tally.Faults % 2 == 0 ? Writing(trial) : null;
                List<TrainerLog> open = [.. trial.SideLog.Where(log => log.Ends.Count == 0)];
                int[] workers = Processes.WorkersOf(program.Id);
                if (workers.Length == 0)
                {
                    continue;
                }

                int victim = open.FindLast(log => log.Run == writing && workers.Contains(log.Process))?.Process
                    ?? workers[random.Next(workers.Length)];
                Processes.Signal(victim, "KILL");
                clock.Start([victim], [.. open.Where(log => log.Process == victim).Select(log => log.Run)]);
                whileWriting += writing is null ? 0 : 1;
                tally.Fault($"killed worker {victim}{(writing is null ? "" : $" while a snapshot of {writing} was written")}");
            }

            await Processes.RunsForAsync(program, Trial.Patience, clock.Look);
            await trial.JudgeAsync(reference, tally, await program.WaitAsync());
        }

        tally.Note($"{whileWriting} of them while a snapshot was written");
        ReexecutedSteps.Judge(tally);
        return tally.Result();
    }

    /// <summary>Waits until a snapshot is being written.</summary>
    /// <returns>Its run; null when there was none for a while.</returns>
    private static string? Writing(Trial trial)
    {
        string folder = Path.Combine(trial.State, "snapshots");
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < WaitForWriting)
        {
            try
            {
                if (Directory.EnumerateFiles(folder, "*.writing", SearchOption.AllDirectories).FirstOrDefault() is { } file)
                {
                    return Path.GetFileName(Path.GetDirectoryName(file));
                }
            }
            catch (DirectoryNotFoundException)
            {
                // The program is only starting.
            }

            Thread.Yield();
        }

        return null;
    }
}
