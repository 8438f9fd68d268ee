using System.Text.Json;
using CurvatureActors.EndToEnd.Tests.Harness;
using CurvatureActors.Faults.Tests.Harness;

namespace CurvatureActors.Faults.Tests.Campaigns;

/// <summary>Runs with nothing wrong at three levels of gradient noise: hardly any may be taken for diverging.</summary>
internal static class HealthyRuns
{
    private static readonly int[] BatchSizes = [8, 32, 128];

    /// <summary>In all of them together.</summary>
    private const int MostRollbacks = 1;

    public static async Task<CampaignResult> RunAsync(int seed, int count, Action<string> report)
    {
        var tally = new Tally("healthy runs", seed, report);
        Uninterrupted reference = await Uninterrupted.OfAsync(
            Sweeps.Noise(seed, BatchSizes, (count + BatchSizes.Length - 1) / BatchSizes.Length));
        using var trial = new Trial(reference.Text);
        await trial.FinishAsync(reference, tally);
        int rollbacks = 0;
        foreach (JsonElement run in await State.ListAsync(trial.State))
        {
            int restarts = run.GetProperty("restarts").GetInt32();
            rollbacks += restarts;
            tally.Fault($"{run.GetProperty("name")}: {restarts} rollbacks, loss {run.GetProperty("loss")}");
        }

        tally.Note($"no faults but healthy runs at batch sizes {string.Join(", ", BatchSizes)}: {rollbacks} rollbacks in all");
        tally.Expect(rollbacks <= MostRollbacks, $"{rollbacks} rollbacks in {tally.Faults} healthy runs");
        return tally.Result();
    }
}
