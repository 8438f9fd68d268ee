using System.Diagnostics;
using CurvatureActors.EndToEnd.Tests.Harness;
using CurvatureActors.Faults.Tests.Harness;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Faults.Tests.Campaigns;

/// <summary>
/// Another process holds journal.db, or telemetry.db: training goes on meanwhile, and nothing is lost. The lock is given up
/// when every run has been trained to its last step, and a run can end in neither state of the lock before: its end needs both
/// databases. So the work lasts as long as the fault, on a machine of any speed.
/// </summary>
internal static class LockedDatabase
{
    private const string Journal = "journal.db";

    /// <summary>Of two runs, so few that what trainers hold back for a locked telemetry has room (100 000 rows each).</summary>
    private static readonly int Steps = FaultSettings.Full ? 60_000 : 6000;

    /// <summary>Least time of a lock; that of SQLite's own waiting is not known here.</summary>
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(FaultSettings.Full ? 30 : 3);

    public static async Task<CampaignResult> RunAsync(int seed, int count, Action<string> report)
    {
        var random = new Random(seed);
        var tally = new Tally("a locked database", seed, report);
        Uninterrupted reference = await Uninterrupted.OfAsync(Sweeps.Long(Steps));
        while (tally.Faults < count)
        {
            string database = tally.Faults % 2 == 0 ? Journal : "telemetry.db";
            int snapshots = 2 + random.Next(8);
            using var trial = new Trial(reference.Text);

            // However long it takes to train the rest here, the program is not to give up before.
            await using RunningProgram program = trial.Start("--set", "runtime.storage-patience=3000");
            Assert.True(
                await program.HoldWhenAsync(() => State.Count(trial.State, "snapshot-committed/1") >= snapshots),
                "the program ended before its first snapshots");
            int trained = 0;
            bool all = false;
            using (SqliteConnection holder = JournalFile.Open(Path.Combine(trial.State, database), SqliteOpenMode.ReadWrite))
            {
                await LockAsync(holder, program);
                int before = Trained(trial);
                program.Release();
                long locked = Stopwatch.GetTimestamp();
                int whole = reference.Runs.Count * Steps;
                all = await Processes.HoldsWithinAsync(Trial.Patience, () => Trained(trial) == whole);
                trained = Trained(trial) - before;
                tally.Expect(!program.HasExited, $"the program ended while {database} was held");
                await Processes.RunsForAsync(program, Held - Stopwatch.GetElapsedTime(locked));
                tally.Fault($"held {database} for {Stopwatch.GetElapsedTime(locked).TotalSeconds:f0} s, in which {trained} steps were trained");
                JournalFile.Execute(holder, "ROLLBACK");
            }

            tally.Note($"{database}: {trained} steps");
            tally.Expect(all, $"training stood still while {database} was held: {trained} steps, then none for {Trial.Patience.TotalMinutes} min");
            await trial.JudgeAsync(reference, tally, await program.WaitAsync(Trial.Patience));
        }

        return tally.Result();
    }

    /// <summary>The program may have been stopped while it wrote: then it goes on for a moment.</summary>
    private static async Task LockAsync(SqliteConnection holder, RunningProgram program)
    {
        while (true)
        {
            try
            {
                JournalFile.Execute(holder, "BEGIN EXCLUSIVE");
                return;
            }
            catch (SqliteException)
            {
                program.Release();
                await Processes.RunsForAsync(program, TimeSpan.FromMilliseconds(1));
                program.Hold();
            }
        }
    }

    private static int Trained(Trial trial) => trial.SideLog.SelectMany(log => log.Steps.Select(step => (log.Run, step))).Distinct().Count();
}
