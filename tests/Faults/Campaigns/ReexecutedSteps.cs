using CurvatureActors.Faults.Tests.Harness;

namespace CurvatureActors.Faults.Tests.Campaigns;

/// <summary>How much work a kill may cost: what was trained since the last snapshot.</summary>
internal static class ReexecutedSteps
{
    /// <summary>One trainer alone may be caught while its newest snapshot is on its way into the journal.</summary>
    private const int FewTrainers = 10;

    /// <summary>Trainers that are killed cost on average at most an interval between snapshots.</summary>
    public static void Judge(Tally tally)
    {
        int trainers = tally.Reexecuted.Count;
        long sum = tally.Reexecuted.Sum();
        long most = trainers * (long)Sweeps.SnapshotEvery;
        tally.Note(
            $"{trainers} trainers killed, worst {tally.Reexecuted.DefaultIfEmpty().Max()} steps again, kills x interval {most}, "
            + $"slices of up to {tally.LongestSlice}");
        tally.Expect(trainers < FewTrainers || sum <= most, $"{sum} steps were executed again, more than {most}");
    }
}
