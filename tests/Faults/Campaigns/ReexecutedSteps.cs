using System.Globalization;
using CurvatureActors.Faults.Tests.Harness;

namespace CurvatureActors.Faults.Tests.Campaigns;

/// <summary>How much work a kill may cost: what was trained since the last snapshot.</summary>
internal static class ReexecutedSteps
{
    /// <summary>One trainer alone may be caught while several of its snapshots are on their way into the journal.</summary>
    private const int FewKills = 10;

    /// <summary>All kills together cost at most an interval between snapshots each.</summary>
    public static void Judge(Tally tally)
    {
        int killed = tally.Reexecuted.Count;
        long sum = tally.Reexecuted.Sum();
        long most = (long)tally.Faults * Sweeps.SnapshotEvery;
        tally.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{killed} trainers killed at work, {(double)sum / Math.Max(1, killed):f1} steps again each, worst {tally.Reexecuted.DefaultIfEmpty().Max()}, kills x interval {most}, slices of up to {tally.LongestSlice}"));
        tally.Expect(tally.Faults < FewKills || sum <= most, $"{sum} steps were executed again, more than {most}");
    }
}
