using CurvatureActors.Faults.Tests.Harness;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Faults.Tests.Campaigns;

/// <summary>
/// A finished run is put back to how it was when the snapshot of step s had just been committed, and run again: for every
/// s the rest must be the same bits.
/// </summary>
internal static class ResumeAtEveryStep
{
    private const int Steps = 60;

    public static async Task<CampaignResult> RunAsync(int seed, int count, Action<string> report)
    {
        int[] steps = [.. Enumerable.Range(1, Steps)];
        new Random(seed).Shuffle(steps);
        var tally = new Tally("resume at every step", seed, report);
        Uninterrupted reference = await Uninterrupted.OfAsync(Sweeps.EveryStep);
        using var finished = new Trial(reference.Text);
        await finished.FinishAsync(reference, tally);
        Directory.Delete(finished.Audit, recursive: true);
        foreach (int step in steps.Take(count))
        {
            using var trial = new Trial(finished);
            PutBack(trial.State, step);
            tally.Fault($"put back to step {step}");
            await trial.FinishAsync(reference, tally);
            int[] trained = [.. trial.SideLog.SelectMany(log => log.Steps)];
            tally.Expect(
                trained.SequenceEqual(Enumerable.Range(step, Steps - step)),
                $"put back to step {step}, it trained {trained.Length} steps from {trained.FirstOrDefault()}");
        }

        return tally.Result();
    }

    private static void PutBack(string state, int step)
    {
        using (SqliteConnection journal = JournalFile.Open(Path.Combine(state, "journal.db"), SqliteOpenMode.ReadWrite))
        {
            JournalFile.Execute(
                journal,
                """
                DELETE FROM journal WHERE manifest = 'run-concluded/1';
                DELETE FROM journal WHERE persistence_id LIKE 'run-%' AND ordering > (
                  SELECT ordering FROM journal
                  WHERE manifest = 'snapshot-committed/1' AND json_extract(CAST(message AS TEXT), '$.step') = $step);
                """,
                ("$step", step));
        }

        using SqliteConnection telemetry = JournalFile.Open(Path.Combine(state, "telemetry.db"), SqliteOpenMode.ReadWrite);
        JournalFile.Execute(telemetry, "DELETE FROM steps WHERE step >= $step", ("$step", step));
    }
}
