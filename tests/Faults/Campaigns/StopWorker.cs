using CurvatureActors.EndToEnd.Tests.Harness;
using CurvatureActors.Faults.Tests.Harness;

namespace CurvatureActors.Faults.Tests.Campaigns;

/// <summary>
/// A worker is stopped in the middle of a run until it is given up and its run goes on elsewhere, and then wakes up: what
/// it still does counts for nothing, and it must see for itself that it is not wanted any more.
/// </summary>
internal static class StopWorker
{
    public static async Task<CampaignResult> RunAsync(int seed, int count, Action<string> report)
    {
        var random = new Random(seed);
        var tally = new Tally("stop a worker until it is given up", seed, report);
        Uninterrupted reference = await Uninterrupted.OfAsync(Sweeps.Usual);
        int byItself = 0;
        while (tally.Faults < count)
        {
            using var trial = new Trial(reference.Text);
            var clock = new RecoveryClock(trial, tally);
            // Its coordinator does not kill it before this campaign's patience ends: if it ends, it did so itself.
            await using RunningProgram program = trial.Start("--workers", "2", "--set", "runtime.worker-grace=100000");
            while (tally.Faults < count
                && await Processes.RunsForAsync(program, TimeSpan.FromSeconds(0.5 + random.NextDouble()), clock.Look))
            {
                if (await StopInARunAsync(program, trial, random) is not { } victim)
                {
                    continue;
                }

                try
                {
                    tally.Fault($"stopped worker {victim}");
                    clock.Start([victim], [.. OpenOf(trial, victim).Select(log => log.Run)]);
                    await program.WaitForLineAsync(line => line.Contains("no longer answers", StringComparison.Ordinal));
                    await Processes.RunsForAsync(program, TimeSpan.FromSeconds(3 * random.NextDouble()), clock.Look);
                }
                finally
                {
                    Processes.Signal(victim, "CONT");
                }

                bool ended = await Processes.HoldsWithinAsync(Trial.Patience, () =>
                {
                    clock.Look();
                    return !Processes.Lives(victim);
                });
                tally.Expect(ended, $"worker {victim} was given up and woke up, but lived on for {Trial.Patience.TotalMinutes} min");
                byItself += ended && !program.HasExited ? 1 : 0;
            }

            await Processes.RunsForAsync(program, Trial.Patience, clock.Look);
            await trial.JudgeAsync(reference, tally, await program.WaitAsync());
        }

        tally.Note($"{byItself} ended by themselves while the program went on");
        return tally.Result();
    }

    /// <summary>Stops a worker that is in the middle of a run.</summary>
    /// <returns>Its process id; null when none was.</returns>
    private static async Task<int?> StopInARunAsync(RunningProgram program, Trial trial, Random random)
    {
        int[] workers = Processes.WorkersOf(program.Id);
        if (workers.Length == 0)
        {
            return null;
        }

        int victim = workers[random.Next(workers.Length)];
        if (!await program.WaitUntilAsync(() => !Processes.Lives(victim) || OpenOf(trial, victim).Count > 0) || program.HasExited)
        {
            return null;
        }

        Processes.Signal(victim, "STOP");
        if (OpenOf(trial, victim).Count > 0)
        {
            return victim;
        }

        Processes.Signal(victim, "CONT");
        return null;
    }

    private static List<TrainerLog> OpenOf(Trial trial, int worker) =>
        [.. trial.SideLog.Where(log => log.Process == worker && log.Ends.Count == 0)];
}
