using CurvatureActors.Bench.Workloads;

namespace CurvatureActors.Bench.Memory;

/// <summary>
/// Resident memory of the whole program while it trains and measures lambda1 every 10 steps: once over one long run,
/// once over many short ones, since a leak may be per step, per measurement or per run.
/// </summary>
internal static class MemoryBenchmark
{
    private const int ProbeEvery = 10;

    internal static async Task RunAsync(int steps, int shortRuns)
    {
        await OneRunAsync(steps).ConfigureAwait(false);
        await ManyRunsAsync(shortRuns, steps / shortRuns).ConfigureAwait(false);
    }

    private static async Task OneRunAsync(int steps)
    {
        Console.WriteLine($"One run of {steps} steps, every {ProbeEvery}th measured, none dropped; first quarter is warm-up.");
        List<MemorySample> samples = [];
        int due = 0;
        ProgramReading reading = await WholeProgram.RunAsync(
            Experiments.Create($"training.steps={steps}", $"probe.every={ProbeEvery}", "probe.policy=queue", "probe.dense-steps=0"),
            ["cpu"],
            progress =>
            {
                if (progress.Step >= due)
                {
                    Add(samples, progress.Step);
                    due = (progress.Step / 100 * 100) + 100;
                }
            }).ConfigureAwait(false);
        Console.WriteLine($"{reading.Measurements} values of lambda1");
        PrintSlope(samples.Where(sample => sample.Steps >= steps / 4));
    }

    private static async Task ManyRunsAsync(int runs, int steps)
    {
        Console.WriteLine();
        Console.WriteLine($"{runs} runs of {steps} steps, sampled at the end of each; the first quarter is warm-up.");
        List<MemorySample> samples = [];
        await WholeProgram.RunAsync(
            Experiments.Create(
                $"training.steps={steps}", $"probe.every={ProbeEvery}", "probe.policy=queue", "probe.dense-steps=0",
                $"sweep.seeds={runs}"),
            ["cpu"],
            progress =>
            {
                if (progress.Step == progress.Steps)
                {
                    Add(samples, (samples.Count + 1) * steps);
                }
            }).ConfigureAwait(false);
        PrintSlope(samples.Where(sample => sample.Steps > runs * steps / 4));
    }

    private static void Add(List<MemorySample> samples, int steps)
    {
        samples.Add(MemorySample.Take(steps));
        Console.WriteLine($"  {samples[^1]}");
    }

    private static void PrintSlope(IEnumerable<MemorySample> samples)
    {
        MemorySample[] settled = [.. samples];
        Spread resident = Spread.Of(settled.Select(sample => sample.ResidentMegabytes));
        Console.WriteLine($"after warm-up: resident {resident.Show("F1")} MB; slopes per 1000 steps: "
            + $"resident {Slope(settled, sample => sample.ResidentMegabytes):F2} MB, "
            + $"native in use {Slope(settled, sample => sample.NativeMegabytes):F2} MB, "
            + $"managed heap {Slope(settled, sample => sample.ManagedMegabytes):F2} MB, "
            + $"live tensors {Slope(settled, sample => sample.Tensors):F1}");
    }

    /// <summary>Least squares, per 1000 steps.</summary>
    private static double Slope(MemorySample[] samples, Func<MemorySample, double> value)
    {
        double meanStep = samples.Average(sample => sample.Steps);
        double meanValue = samples.Average(value);
        return 1000 * samples.Sum(sample => (sample.Steps - meanStep) * (value(sample) - meanValue))
            / samples.Sum(sample => (sample.Steps - meanStep) * (sample.Steps - meanStep));
    }
}
