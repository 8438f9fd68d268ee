using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Tests.Divergence;

/// <summary>Simulated runs: what the loss does is written down here, so the truth is known without the detector.</summary>
internal static class LossCurves
{
    /// <summary>Loss 2.3 decaying to 0.2 with time constant 100, times log-normal noise of mean one.</summary>
    internal static double Healthy(int step) => 0.2 + (2.1 * Math.Exp(-step / 100.0));

    /// <summary>A factor of mean one whose logarithm has standard deviation sigma.</summary>
    internal static double Noise(Random random, double sigma)
    {
        double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return Math.Exp((sigma * normal) - (0.5 * sigma * sigma));
    }

    internal static StepMetrics At(int step, double loss, double accuracy = 0.5, double norm = 1) =>
        new(step, loss, accuracy, norm, LearningRate: 0.1, Clipped: false);

    /// <summary>The first verdict on a run with these losses; null when it has none.</summary>
    internal static DivergenceVerdict? FirstVerdict(
        RunSpecification run, IEnumerable<double> losses, double accuracy = 0.5)
    {
        var detector = new DivergenceDetector(run, Guessing.Uniform(run.Training.Loss, 10));
        int step = 0;
        foreach (double loss in losses)
        {
            if (detector.Observe(At(step++, loss, accuracy)) is { } verdict)
            {
                return verdict;
            }
        }

        return null;
    }
}
