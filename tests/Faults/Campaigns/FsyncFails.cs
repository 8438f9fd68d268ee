using System.Diagnostics;
using System.Globalization;
using CurvatureActors.EndToEnd.Tests.Harness;
using CurvatureActors.Faults.Tests.Harness;

namespace CurvatureActors.Faults.Tests.Campaigns;

/// <summary>From its K-th call on, fsync says that nothing reached the disk: that must never look like success.</summary>
internal static class FsyncFails
{
    /// <summary>A sweep makes some hundreds of calls.</summary>
    private const int LargestFirst = 300;

    public static async Task<CampaignResult> RunAsync(int seed, int count, Action<string> report)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && MayTrace(), "strace is not installed or not permitted here");
        var random = new Random(seed);
        var tally = new Tally("fsync fails", seed, report);
        Uninterrupted reference = await Uninterrupted.OfAsync(Sweeps.Usual);
        while (tally.Faults < count)
        {
            int first = random.Next(1, LargestFirst);
            using var trial = new Trial(reference.Text);
            string log = Path.Combine(trial.Folder, "strace.log");
            string[] wrapper =
            [
                "strace", "-f", "-qq", "-o", log, "-e", "trace=fsync,fdatasync", "-e",
                string.Create(CultureInfo.InvariantCulture, $"inject=fsync,fdatasync:error=EIO:when={first}+"),
            ];
            ProgramResult result;
            await using (RunningProgram program = trial.StartUnder(wrapper, "--set", "runtime.storage-patience=1"))
            {
                result = await program.WaitAsync();
            }

            int failed = File.ReadLines(log).Count(line => line.Contains("(INJECTED)", StringComparison.Ordinal));
            if (failed == 0)
            {
                report($"there was no call {first}");
                await trial.JudgeAsync(reference, tally, result);
                continue;
            }

            tally.Fault($"{failed} calls from {first} on failed, exit code {result.ExitCode}: {result.Error.Trim()}");
            StorageFailure.Judge(tally, result, $"fsync failing from call {first} on");
            var clock = new RecoveryClock(trial, tally);
            clock.Start();
            await trial.FinishAsync(reference, tally, clock);
        }

        return tally.Result();
    }

    private static bool MayTrace()
    {
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo("strace", ["-f", "-qq", "-e", "trace=fsync", "true"]) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
