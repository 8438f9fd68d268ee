using System.Globalization;
using CurvatureActors.Faults.Tests.Harness;

namespace CurvatureActors.Faults.Tests.Campaigns;

/// <summary>
/// How much work a kill may cost: what was trained since the last committed snapshot. How much that is depends on how fast this
/// machine trains and how fast it writes, and is only noted.
/// </summary>
internal static class ReexecutedSteps
{
    public static void Judge(Tally tally)
    {
        int killed = tally.Reexecuted.Count;
        long sum = tally.Reexecuted.Sum();
        tally.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{killed} trainers killed at work, {(double)sum / Math.Max(1, killed):f1} steps again each, worst {tally.Reexecuted.DefaultIfEmpty().Max()}, kills x interval {(long)tally.Faults * Sweeps.SnapshotEvery}, slices of up to {tally.LongestSlice}"));
        tally.Expect(
            tally.Elsewhere.Count == 0,
            $"{tally.Elsewhere.Count} trainers did not go on from the newest snapshot: {string.Join("; ", tally.Elsewhere.Take(3))}");
    }
}
