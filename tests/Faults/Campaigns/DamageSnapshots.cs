using CurvatureActors.EndToEnd.Tests.Harness;
using CurvatureActors.Faults.Tests.Harness;

namespace CurvatureActors.Faults.Tests.Campaigns;

/// <summary>
/// The newest snapshot of every unfinished run of an interrupted sweep is damaged: a byte flipped, cut, emptied or gone.
/// It must be noticed, and the run go on from the one before it.
/// </summary>
internal static class DamageSnapshots
{
    private const int CopiesOfEach = 4;
    private static readonly string[] Kinds = ["flipped byte", "truncation", "zero length", "deletion"];

    public static async Task<CampaignResult> RunAsync(int seed, int count, Action<string> report)
    {
        var random = new Random(seed);
        var tally = new Tally("damage the newest snapshots", seed, report);
        Uninterrupted reference = await Uninterrupted.OfAsync(Sweeps.Usual);
        while (tally.Faults < count)
        {
            using var interrupted = new Trial(reference.Text);
            if (!await InterruptAsync(interrupted, 8 + random.Next(100)))
            {
                continue;
            }

            string[] newest = NewestOfUnfinishedRuns(interrupted.State);
            for (int copy = 0; copy < CopiesOfEach && tally.Faults < count && newest.Length > 0; copy++)
            {
                using var trial = new Trial(interrupted);
                long rejectedBefore = State.Count(trial.State, "snapshot-rejected/1");
                foreach (string file in newest)
                {
                    string kind = Kinds[tally.Faults % Kinds.Length];
                    Damage(Path.Combine(trial.State, "snapshots", file), kind, random);
                    tally.Fault($"{kind} of {file}");
                }

                await trial.FinishAsync(reference, tally);
                long rejected = State.Count(trial.State, "snapshot-rejected/1") - rejectedBefore;
                tally.Expect(rejected >= newest.Length, $"of {newest.Length} damaged snapshots only {rejected} were rejected");
            }
        }

        return tally.Result();
    }

    /// <summary>Ctrl-C after so many snapshots, with more devices than usual so that many runs are under way.</summary>
    /// <returns>Whether it came before the end.</returns>
    private static async Task<bool> InterruptAsync(Trial trial, int snapshots)
    {
        await using RunningProgram program = trial.Start("--set", "devices=[\"cpu:0\",\"cpu:1\",\"cpu:2\",\"cpu:3\"]");
        await program.HoldWhenAsync(() => State.Count(trial.State, "snapshot-committed/1") >= snapshots);
        program.Interrupt();
        program.Release();
        return (await program.WaitAsync()).ExitCode == 130;
    }

    /// <summary>What each unfinished run would go on from, by its journal.</summary>
    private static string[] NewestOfUnfinishedRuns(string state)
    {
        List<string> files = [];
        foreach (IGrouping<string, RunEvent> run in JournalFile.Read(state).GroupBy(e => e.Run))
        {
            SortedDictionary<int, string> snapshots = [];
            bool open = false;
            foreach (RunEvent e in run)
            {
                switch (e.Kind)
                {
                    case "snapshot-committed":
                        snapshots[e.Data.GetProperty("step").GetInt32()] = e.Data.GetProperty("file").GetString()!;
                        break;
                    case "attempt-started":
                        int from = e.Data.GetProperty("fromStep").GetInt32();
                        foreach (int left in snapshots.Keys.Where(step => step > from).ToArray())
                        {
                            snapshots.Remove(left);
                        }

                        open = false;
                        break;
                    case "divergence-detected":
                        // It goes back to a snapshot of the remedy's choosing instead.
                        open = true;
                        break;
                }
            }

            if (!open && snapshots.Count > 0 && !run.Any(e => e.Terminal))
            {
                files.Add(snapshots.Last().Value);
            }
        }

        return [.. files];
    }

    private static void Damage(string file, string kind, Random random)
    {
        byte[] bytes = File.ReadAllBytes(file);
        switch (kind)
        {
            case "flipped byte":
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(file, bytes);
                break;
            case "truncation":
                File.WriteAllBytes(file, bytes[..random.Next(1, bytes.Length)]);
                break;
            case "zero length":
                File.WriteAllBytes(file, []);
                break;
            default:
                File.Delete(file);
                break;
        }
    }
}
