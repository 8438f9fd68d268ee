using CurvatureActors.EndToEnd.Tests.Harness;
using CurvatureActors.Faults.Tests.Harness;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Faults.Tests.Campaigns;

/// <summary>Another process holds journal.db, or telemetry.db, for a while: training goes on meanwhile, and nothing is lost.</summary>
internal static class LockedDatabase
{
    private const string Journal = "journal.db";
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(FaultSettings.Full ? 30 : 3);
    private static readonly string Text = Sweeps.Long(FaultSettings.Full ? 100_000 : 6000);

    public static async Task<CampaignResult> RunAsync(int seed, int count, Action<string> report)
    {
        var random = new Random(seed);
        var tally = new Tally("a locked database", seed, report);
        Uninterrupted reference = await Uninterrupted.OfAsync(Text);
        while (tally.Faults < count)
        {
            string database = tally.Faults % 2 == 0 ? Journal : "telemetry.db";
            int snapshots = 2 + random.Next(8);
            using var trial = new Trial(reference.Text);
            await using RunningProgram program = trial.Start();
            await program.WaitUntilAsync(() => State.Count(trial.State, "snapshot-committed/1") >= snapshots);
            int trained = 0;
            int later = 0;
            using (SqliteConnection holder = JournalFile.Open(Path.Combine(trial.State, database), SqliteOpenMode.ReadWrite))
            {
                JournalFile.Execute(holder, "BEGIN EXCLUSIVE");
                int before = Steps(trial);
                await Processes.RunsForAsync(program, Held / 2);
                int middle = Steps(trial);
                await Processes.RunsForAsync(program, Held / 2);
                trained = Steps(trial) - before;
                later = Steps(trial) - middle;
                JournalFile.Execute(holder, "ROLLBACK");
            }

            tally.Fault($"held {database} for {Held.TotalSeconds} s, in which {trained} steps were trained, {later} of them in the second half");
            tally.Note($"{database}: {trained} and {later} steps");

            // A trainer may come to wait for telemetry: what it holds back is bounded.
            tally.Expect(
                later > 0,
                $"training stood still while {database} was held for {Held.TotalSeconds} s");
            await trial.JudgeAsync(reference, tally, await program.WaitAsync(Trial.Patience));
        }

        return tally.Result();
    }

    private static int Steps(Trial trial) => trial.SideLog.Sum(log => log.Steps.Count());
}
