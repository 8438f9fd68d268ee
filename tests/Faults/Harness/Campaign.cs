namespace CurvatureActors.Faults.Tests.Harness;

/// <summary>A campaign: a function of its seed and its number of faults.</summary>
/// <param name="seed">Decides every random choice.</param>
/// <param name="count">Faults to inject.</param>
/// <param name="report">Hears what happens, line by line.</param>
internal delegate Task<CampaignResult> Campaign(int seed, int count, Action<string> report);

/// <summary>Runs campaigns as tests.</summary>
internal static class CampaignCheck
{
    private static readonly Lock Writing = new();

    /// <summary>Runs a campaign with its full or short count; anything that is not as promised fails with its name and seed.</summary>
    public static async Task HoldsAsync(Campaign campaign, int full, int few)
    {
        CampaignResult result = await campaign(
            FaultSettings.Seed, FaultSettings.Full ? full : few, line => TestContext.Current.TestOutputHelper?.WriteLine(line));
        if (FaultSettings.Report is { } file)
        {
            lock (Writing)
            {
                File.AppendAllText(file, (File.Exists(file) ? "" : CampaignResult.Header) + result.Row);
            }
        }

        Assert.True(
            result.Clean,
            $"Campaign \"{result.Campaign}\" with seed {result.Seed} after {result.Faults} faults: {result.Lost} lost, "
            + $"{result.Duplicated} duplicated, {result.Unexpected} unexpected, {result.Differing} differing.\n"
            + string.Join('\n', result.Problems));
        Assert.True(result.Faults > 0, $"Campaign \"{result.Campaign}\" with seed {result.Seed} injected no fault.");
    }
}
