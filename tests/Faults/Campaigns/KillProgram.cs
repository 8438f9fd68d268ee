using CurvatureActors.EndToEnd.Tests.Harness;
using CurvatureActors.Faults.Tests.Harness;

namespace CurvatureActors.Faults.Tests.Campaigns;

/// <summary>
/// kill -9 of the whole program at random moments: within two seconds of its start, or of steps that it has trained. With
/// workers, either the coordinator alone is killed, whose workers must follow it, or all of them at once.
/// </summary>
internal static class KillProgram
{
    public static Task<CampaignResult> InOneProcessAsync(int seed, int count, Action<string> report) =>
        RunAsync("kill the program", [], seed, count, report);

    public static Task<CampaignResult> WithWorkersAsync(int seed, int count, Action<string> report) =>
        RunAsync("kill the program with its workers", ["--workers", "2"], seed, count, report);

    private static async Task<CampaignResult> RunAsync(
        string name, string[] options, int seed, int count, Action<string> report)
    {
        var random = new Random(seed);
        var tally = new Tally(name, seed, report);
        Uninterrupted reference = await Uninterrupted.OfAsync(Sweeps.Slower);
        List<int> orphans = [];
        while (tally.Faults < count)
        {
            using var trial = new Trial(reference.Text);
            var clock = new RecoveryClock(trial, tally);
            while (true)
            {
                await using RunningProgram program = trial.Start(options);
                bool atWork = random.Next(2) == 0;
                TimeSpan moment = TimeSpan.FromSeconds(2 * random.NextDouble());
                if (tally.Faults >= count)
                {
                    moment = Trial.Patience;
                }
                else if (atWork)
                {
                    int before = Slices(trial);
                    await program.WaitUntilAsync(() => Slices(trial) > before);
                }

                if (!await Processes.RunsForAsync(program, moment, clock.Look))
                {
                    await trial.JudgeAsync(reference, tally, await program.WaitAsync());
                    break;
                }

                int[] workers = Processes.WorkersOf(program.Id);
                bool all = random.Next(2) == 0;
                program.Kill();
                foreach (int worker in all ? workers : [])
                {
                    Processes.Signal(worker, "KILL");
                }

                clock.Start();
                orphans.AddRange(workers);
                tally.Fault($"killed {moment.TotalSeconds:f2} s after {(atWork ? "it began to train" : "its start")}{(workers.Length == 0 ? "" : all ? ", workers too" : ", its workers must follow")}");
                await program.WaitAsync();
            }
        }

        tally.Expect(
            await Processes.HoldsWithinAsync(TimeSpan.FromSeconds(60), () => !orphans.Any(Processes.Lives)),
            "workers outlived their coordinator by a minute");
        ReexecutedSteps.Judge(tally);
        return tally.Result();
    }

    private static int Slices(Trial trial) => trial.SideLog.Sum(log => log.Slices.Count);
}
