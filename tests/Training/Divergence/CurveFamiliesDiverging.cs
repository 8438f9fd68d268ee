using static CurvatureActors.Training.Tests.Divergence.CurveFamilies;

namespace CurvatureActors.Training.Tests.Divergence;

/// <summary>Runs that must be found out.</summary>
internal static class DivergingFamilies
{
    internal static IReadOnlyList<CurveFamily> All { get; } =
    [
        new("growth of 1.02 to 1.1 a step", true, random => Growth(random, 1.02, 1.1, 1, 100, 0.1)),
        new("growth of 1.1 to 1.3 a step", true, random => Growth(random, 1.1, 1.3, 1, 100, 0.1)),
        new("growth of 1.3 to 3 a step", true, random => Growth(random, 1.3, 3, 1, 20, 0.1)),
        new("growth of 1.1 to 1.5 a step, late", true, random => Growth(random, 1.1, 1.5, 250, 450, 0.3)),
        new("growth of 1.1 to 1.5 a step in AR(1) noise 0.9 of 0.5", true, GrowthInCorrelatedNoise),
        new("jump of 10 to 1e6 in 1 to 5 steps, then flat", true, Jump),
        new("growth from a low to a plateau of 6 to 100", true, Ruin),
        new("oscillation of period 2, growing by 1.01 to 1.1 a step", true, Oscillation),
        new("flat at 1e3 to 1e6 from the first step", true, random =>
        {
            double level = LogBetween(random, 1e3, 1e6);
            double sigma = Between(random, 0, 0.2);
            return From(_ => level * LossCurves.Noise(random, sigma), 0);
        }),
        new("down to -1e29", true, Downward),
        new("SGD on a noisy quadratic, at 2.02 to 2.5 of 2", true, random => NoisyQuadratic(random, Between(random, 2.02, 2.5), 0)),
        new("heavy ball at 3.85 to 4.5 of 3.8", true, random => HealthyFamilies.HeavyBall(random, Between(random, 3.85, 4.5), 0)),
        new("stuck at guessing", true, StuckAtGuessing),
        new("back to guessing", true, BackToGuessing),
        new("not finite from one step to the next", true, NotFinite),
    ];

    /// <summary>
    /// Batches of 1/2 sum lambda w^2 + n'w with eta = 1, in four directions, the sharpest as given: the loss is below zero at
    /// its minimum already for single batches, and the mean moved down by 0 to 1.
    /// </summary>
    internal static Curve NoisyQuadratic(Random random, double sharp, int? onset = null)
    {
        double[] lambda = [sharp, Between(random, 0.2, 1), Between(random, 0.05, 0.2), 0.02];
        double[] w = [.. lambda.Select(_ => Normal(random))];
        double noise = LogBetween(random, 0.02, 0.3);
        double down = Between(random, 0, 1);
        return From(
            _ =>
            {
                double loss = -down;
                for (int i = 0; i < w.Length; i++)
                {
                    double n = noise * Normal(random);
                    loss += (0.5 * lambda[i] * w[i] * w[i]) + (n * w[i]);
                    w[i] -= (lambda[i] * w[i]) + n;
                }

                return loss;
            },
            onset,
            accuracy: _ => 0);
    }

    private static Curve Growth(Random random, double least, double most, int first, int last, double sigma)
    {
        int onset = random.Next(first, last + 1);
        double growth = LogBetween(random, least, most);
        Func<int, double> trend = Decay(random);
        return From(
            step => (step < onset ? trend(step) : Math.Min(1e30, trend(onset - 1) * Math.Pow(growth, step - onset + 1)))
                * LossCurves.Noise(random, sigma),
            onset);
    }

    private static Curve GrowthInCorrelatedNoise(Random random)
    {
        Func<int, double> noise = Correlated(random, 0.9, 0.5);
        int onset = random.Next(50, 300);
        double growth = LogBetween(random, 1.1, 1.5);
        Func<int, double> trend = Decay(random);
        return From(
            step => (step < onset ? trend(step) : Math.Min(1e30, trend(onset - 1) * Math.Pow(growth, step - onset + 1))) * noise(step),
            onset);
    }

    private static Curve Jump(Random random)
    {
        int onset = random.Next(1, 100);
        int rise = random.Next(1, 6);
        double height = LogBetween(random, 10, 1e6);
        Func<int, double> trend = Decay(random);
        double sigma = Between(random, 0, 0.3);
        return From(
            step => (step < onset ? trend(step) : trend(onset - 1) * Math.Pow(height, Math.Min(1, (step - onset + 1.0) / rise)))
                * LossCurves.Noise(random, sigma),
            onset);
    }

    /// <summary>At least 2.6 times the first loss, and so worse than guessing for good.</summary>
    private static Curve Ruin(Random random)
    {
        int onset = random.Next(100, 400);
        int rise = random.Next(5, 60);
        double plateau = LogBetween(random, 6, 100);
        Func<int, double> trend = Decay(random);
        double sigma = Between(random, 0.05, 0.3);
        return From(
            step => (step < onset ? trend(step) : trend(onset - 1) * Math.Pow(plateau / trend(onset - 1), Math.Min(1, (step - onset + 1.0) / rise)))
                * LossCurves.Noise(random, sigma),
            onset,
            accuracy: step => step < onset + (rise / 2) ? 0.5 : 0.15);
    }

    /// <summary>Gradient descent past the threshold in a well with a cubic part: high on one side, lower on the other.</summary>
    private static Curve Oscillation(Random random)
    {
        double growth = LogBetween(random, 1.01, 1.1);
        double skew = Between(random, 0.2, 0.9);
        Func<int, double> trend = Decay(random);
        double size = LogBetween(random, 0.01, 0.3);
        double sigma = Between(random, 0, 0.1);
        return From(
            step => (trend(step) * LossCurves.Noise(random, sigma)) + (Math.Min(1e30, size * Math.Pow(growth, step)) * (1 + (step % 2 == 0 ? skew : -skew))),
            (int)Math.Ceiling(Math.Log(0.5 / size) / Math.Log(growth)) is var onset && onset > 0 ? onset : 0);
    }

    private static Curve Downward(Random random)
    {
        double growth = LogBetween(random, 1.15, 1.6);
        double size = LogBetween(random, 1e-3, 1);
        double first = Between(random, -1, 1);
        double noise = LogBetween(random, 0.001, 0.1);
        return From(
            step => first + (noise * Normal(random)) - (Math.Min(1e29, size * Math.Pow(growth, step)) * LossCurves.Noise(random, 0.1)),
            0,
            accuracy: _ => 0);
    }

    private static Curve StuckAtGuessing(Random random)
    {
        double sigma = Between(random, 0, 0.05);
        double first = Between(random, 2.3, 6);
        return From(
            step => (2.302585 + ((first - 2.302585) * Math.Exp(-step / 10.0)) + 0.002) * LossCurves.Noise(random, sigma),
            0,
            accuracy: _ => 0.1 + (0.03 * Normal(random)));
    }

    /// <summary>Learned, and from one step to the next a network of dead units.</summary>
    private static Curve BackToGuessing(Random random)
    {
        int onset = random.Next(100, 350);
        Func<int, double> trend = Decay(random);
        double sigma = Between(random, 0.02, 0.2);
        return From(
            step => step < onset ? trend(step) * LossCurves.Noise(random, sigma) : 2.303 * LossCurves.Noise(random, 0.01),
            onset,
            accuracy: step => step < onset ? 0.1 + (0.7 * (1 - Math.Exp(-step / 60.0))) : 0.1 + (0.03 * Normal(random)));
    }

    private static Curve NotFinite(Random random)
    {
        int onset = random.Next(0, 500);
        Func<int, double> trend = Decay(random);
        return From(step => step < onset ? trend(step) * LossCurves.Noise(random, 0.2) : double.NaN, onset);
    }
}
