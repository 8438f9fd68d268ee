using System.Diagnostics;
using CurvatureActors.EndToEnd.Tests.Harness;
using CurvatureActors.Faults.Tests.Harness;

namespace CurvatureActors.Faults.Tests.Campaigns;

/// <summary>kill -9 of a worker process that trains, at random moments, every other time while it writes a snapshot.</summary>
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
            HashSet<string> stale = [];
            while (tally.Faults < count
                && await program.WaitUntilAsync(() =>
                {
                    clock.Look();
                    return AtWork(trial, program).Count > 0;
                })
                && await Processes.RunsForAsync(program, TimeSpan.FromSeconds(1.5 * random.NextDouble()), clock.Look))
            {
                string? writing = tally.Faults % 2 == 0 ? Writing(trial, program, stale) : null;
                List<TrainerLog> open = AtWork(trial, program);
                int[] workers = Processes.WorkersOf(program.Id);
                if (workers.Length == 0)
                {
                    continue;
                }

                int victim = open.FindLast(log => log.Run == writing)?.Process
                    ?? (open.Count > 0 ? open[random.Next(open.Count)].Process : workers[random.Next(workers.Length)]);
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

    /// <summary>What the workers that live train now.</summary>
    private static List<TrainerLog> AtWork(Trial trial, RunningProgram program)
    {
        int[] workers = Processes.WorkersOf(program.Id);
        return [.. trial.SideLog.Where(log => log.Ends.Count == 0 && log.Slices.Count > 0 && workers.Contains(log.Process))];
    }

    /// <summary>Waits until a snapshot is being written by a worker that lives.</summary>
    /// <param name="trial">Where to look.</param>
    /// <param name="program">The coordinator.</param>
    /// <param name="stale">Files that workers left behind when they were killed; what is found is added.</param>
    /// <returns>Its run; null when there was none for a while.</returns>
    private static string? Writing(Trial trial, RunningProgram program, HashSet<string> stale)
    {
        string folder = Path.Combine(trial.State, "snapshots");
        HashSet<string> trained = [.. AtWork(trial, program).Select(log => log.Run)];
        try
        {
            stale.UnionWith(Directory.EnumerateFiles(folder, "*.writing", SearchOption.AllDirectories));
            long started = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(started) < WaitForWriting)
            {
                foreach (string file in Directory.EnumerateFiles(folder, "*.writing", SearchOption.AllDirectories).Where(stale.Add))
                {
                    if (Path.GetFileName(Path.GetDirectoryName(file)) is { } run && trained.Contains(run))
                    {
                        return run;
                    }
                }

                Thread.Yield();
            }
        }
        catch (DirectoryNotFoundException)
        {
            // The program is only starting.
        }

        return null;
    }
}
