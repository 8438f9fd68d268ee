using System.Globalization;
using CurvatureActors.EndToEnd.Tests.Harness;
using CurvatureActors.Faults.Tests.Harness;

namespace CurvatureActors.Faults.Tests.Campaigns;

/// <summary>The state directory lies on a file system that is full at some moment of the sweep, and is made larger.</summary>
internal static class DiskFull
{
    private const int SmallestKilobytes = 200;
    private const int LargestKilobytes = 5000;

    public static async Task<CampaignResult> RunAsync(int seed, int count, Action<string> report)
    {
        var random = new Random(seed);
        var tally = new Tally("a full disk", seed, report);
        Uninterrupted reference = await Uninterrupted.OfAsync(Sweeps.Usual);
        while (tally.Faults < count)
        {
            string size = string.Create(CultureInfo.InvariantCulture, $"{random.Next(SmallestKilobytes, LargestKilobytes)}k");
            using var trial = new Trial(reference.Text);
            using var disk = new SmallDisk(trial.State, size);
            ProgramResult result;
            await using (RunningProgram program = trial.Start("--set", "runtime.storage-patience=1"))
            {
                result = await program.WaitAsync();
            }

            if (result.ExitCode == 0)
            {
                report($"{size} were enough");
                await trial.JudgeAsync(reference, tally, result);
                continue;
            }

            tally.Fault($"a disk of {size}: {result.Error.Trim()}");
            StorageFailure.Judge(tally, result, $"a full disk of {size}");
            disk.Remount("size=200m");
            var clock = new RecoveryClock(trial, tally);
            clock.Start();
            await trial.FinishAsync(reference, tally, clock);
        }

        return tally.Result();
    }

    /// <summary>Only the folder of snapshots is too small, and the experiment says to go on without.</summary>
    public static async Task<CampaignResult> WithoutSnapshotsAsync(int seed, int count, Action<string> report)
    {
        var tally = new Tally("a full disk, going on without snapshots", seed, report);
        Uninterrupted reference = await Uninterrupted.OfAsync(Sweeps.Healthy);
        while (tally.Faults < count)
        {
            using var trial = new Trial(reference.Text);
            using var disk = new SmallDisk(Path.Combine(trial.State, "snapshots"), "300k");
            await using RunningProgram program = trial.Start("--set", "snapshot.when-unwritable=continue");
            ProgramResult result = await program.WaitAsync();
            int without = result.Output.Split('\n').Count(line => line.Contains("goes on without its snapshot", StringComparison.Ordinal));
            tally.Fault($"went on without {without} snapshots");
            tally.Expect(without > 0, "every snapshot could be written to a disk of 300k");
            await trial.JudgeAsync(reference, tally, result);
        }

        return tally.Result();
    }
}
