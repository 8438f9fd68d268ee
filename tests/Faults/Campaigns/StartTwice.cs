using CurvatureActors.EndToEnd.Tests.Harness;
using CurvatureActors.Faults.Tests.Harness;

namespace CurvatureActors.Faults.Tests.Campaigns;

/// <summary>The same experiment started again while it runs, and an edited one on the state directory of what it was before.</summary>
internal static class StartTwice
{
    public static async Task<CampaignResult> AtOnceAsync(int seed, int count, Action<string> report)
    {
        var random = new Random(seed);
        var tally = new Tally("start twice at once", seed, report);
        Uninterrupted reference = await Uninterrupted.OfAsync(Sweeps.Usual);
        while (tally.Faults < count)
        {
            using var trial = new Trial(reference.Text);
            await using RunningProgram program = trial.Start("--workers", "2");
            int snapshots = random.Next(40);
            Assert.True(
                await program.HoldWhenAsync(() => File.Exists(Path.Combine(trial.State, "lock.json"))
                    && State.Count(trial.State, "snapshot-committed/1") >= snapshots),
                "the program ended before a second one could be started");

            // It stands still meanwhile, so that it is still there. Workers may give it up for that, and are replaced.
            ProgramResult refused = await trial.Start().WaitAsync();
            program.Release();
            tally.Fault($"started again: exit code {refused.ExitCode}");
            tally.Expect(refused.ExitCode == 4, $"the second program ended with exit code {refused.ExitCode}: {refused.Error}");
            tally.Expect(
                refused.Error.Contains($"process {program.Id}", StringComparison.Ordinal),
                $"the second program does not say who holds the directory: {refused.Error}");
            await trial.JudgeAsync(reference, tally, await program.WaitAsync());
        }

        return tally.Result();
    }

    /// <summary>
    /// After a kill the file has other rates: without --extend that is refused and the runs that are gone are listed, with
    /// it the old runs are finished as they were and the new ones run.
    /// </summary>
    public static async Task<CampaignResult> EditedAsync(int seed, int count, Action<string> report)
    {
        var random = new Random(seed);
        var tally = new Tally("an edited experiment", seed, report);
        Uninterrupted before = await Uninterrupted.OfAsync(Sweeps.Healthy);
        Uninterrupted after = await Uninterrupted.OfAsync(Sweeps.HealthyEdited);
        string[] gone = [.. before.Runs.Except(after.Runs)];
        Uninterrupted both = before.And(after);
        while (tally.Faults < count)
        {
            using var trial = new Trial(before.Text);
            await using (RunningProgram program = trial.Start())
            {
                int snapshots = random.Next(8 * 7);
                await program.WaitUntilAsync(() => State.Count(trial.State, "snapshot-committed/1") >= snapshots);
                program.Kill();
                await program.WaitAsync();
            }

            File.WriteAllText(trial.File, after.Text);
            await using (RunningProgram program = trial.Start())
            {
                ProgramResult refused = await program.WaitAsync();
                tally.Fault($"edited: exit code {refused.ExitCode}");
                tally.Expect(refused.ExitCode == 2, $"the edited file ended with exit code {refused.ExitCode}: {refused.Error}");
                string[] unnamed = [.. gone.Where(run => !refused.Error.Contains(run, StringComparison.Ordinal))];
                tally.Expect(unnamed.Length == 0, $"the refusal does not name {string.Join(", ", unnamed)}: {refused.Error}");
            }

            await trial.FinishAsync(both, tally, "--extend");
        }

        return tally.Result();
    }
}
