using System.Text.Json;
using CurvatureActors.EndToEnd.Tests.Harness;
using CurvatureActors.Faults.Tests.Harness;

namespace CurvatureActors.Faults.Tests.Campaigns;

/// <summary>
/// Runs with rates ten times too high, in a program that is killed in each phase of their recovery. The same remedies
/// must follow, and no more of them than the budget has.
/// </summary>
internal static class KillInRecovery
{
    private static readonly string[] Phases = ["divergence-detected", "curvature-measured", "remedy-chosen", "attempt-started", "snapshot-committed"];

    /// <summary>Runs of plain gradient descent; adaptive ones; and such as are found out late.</summary>
    private static readonly string[] Experiments = [Sweeps.Rescued, Sweeps.Adaptive, Sweeps.SeenLate];

    public static async Task<CampaignResult> RunAsync(int seed, int count, Action<string> report)
    {
        var random = new Random(seed);
        var tally = new Tally("kill in a recovery", seed, report);
        for (int turn = 0; tally.Faults < count; turn++)
        {
            // Faults are shared out, so that each of the experiments gets its part also where they are few.
            int until = Math.Min(count, tally.Faults + Math.Max(1, count / Experiments.Length));
            int before = tally.Faults;
            await DisturbAsync(Experiments[turn % Experiments.Length], until, random, tally);
            tally.Expect(tally.Faults > before, "no run of the experiment came to a phase of recovery");
            if (tally.Faults == before)
            {
                break;
            }
        }

        return tally.Result();
    }

    private static async Task DisturbAsync(string experiment, int until, Random random, Tally tally)
    {
        Uninterrupted reference = await Uninterrupted.OfAsync(experiment);
        using var trial = new Trial(reference.Text);
        var clock = new RecoveryClock(trial, tally);
        while (true)
        {
            await using RunningProgram program = trial.Start(random.Next(2) == 0 ? [] : ["--workers", "2"]);
            string phase = Phases[tally.Faults % Phases.Length];
            int known = InPhase(trial.State, phase);
            bool held = await program.HoldWhenAsync(() =>
            {
                clock.Look();
                return tally.Faults < until && InPhase(trial.State, phase) > known;
            });
            if (!held)
            {
                await trial.JudgeAsync(reference, tally, await program.WaitAsync());
                break;
            }

            program.Kill();
            clock.Start();
            tally.Fault($"killed at {phase}");
            await program.WaitAsync();
        }

        await WithinBudgetAsync(trial, tally);
    }

    /// <summary>How often runs have been in a phase of recovery: events after their first divergence, or that one itself.</summary>
    private static int InPhase(string state, string phase)
    {
        try
        {
            return JournalFile.Read(state)
                .GroupBy(e => e.Run)
                .Sum(run => run.SkipWhile(e => e.Kind != "divergence-detected").Count(e => e.Kind == phase));
        }
        catch (Microsoft.Data.Sqlite.SqliteException)
        {
            return 0;
        }
    }

    private static async Task WithinBudgetAsync(Trial trial, Tally tally)
    {
        foreach (JsonElement run in await State.ListAsync(trial.State))
        {
            int restarts = run.GetProperty("restarts").GetInt32();
            int budget = run.GetProperty("restartBudget").GetInt32();
            int remedies = JournalFile.Read(trial.State)
                .Count(e => e.Run == run.GetProperty("run").GetString() && e.Kind == "remedy-chosen");
            tally.Expect(
                restarts <= budget && remedies == restarts,
                $"run {run.GetProperty("run")} has {restarts} restarts by {remedies} remedies with a budget of {budget}");
        }
    }
}
