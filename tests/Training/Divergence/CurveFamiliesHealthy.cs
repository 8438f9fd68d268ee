using static CurvatureActors.Training.Tests.Divergence.CurveFamilies;

namespace CurvatureActors.Training.Tests.Divergence;

/// <summary>Runs that no rule may touch.</summary>
internal static class HealthyFamilies
{
    internal static IReadOnlyList<CurveFamily> All { get; } =
    [
        Decaying("decay, white noise of 0.1", random => Correlated(random, 0, 0.1)),
        Decaying("decay, white noise of 0.35", random => Correlated(random, 0, 0.35)),
        Decaying("decay, white noise of 0.6", random => Correlated(random, 0, 0.6)),
        Decaying("decay, heavy-tailed noise (Student t, 3 degrees, 0.25)", random => _ => Math.Exp(0.25 * Student3(random))),
        Decaying("decay, AR(1) noise 0.5 of 0.5", random => Correlated(random, 0.5, 0.5)),
        Decaying("decay, AR(1) noise 0.9 of 0.5", random => Correlated(random, 0.9, 0.5)),
        Decaying("decay, AR(1) noise 0.97 of 0.5", random => Correlated(random, 0.97, 0.5)),
        Decaying("batch of one: exponential losses", random => _ => -Math.Log(1 - random.NextDouble())),
        Decaying("batch of one: one in ten is wrong", random => _ => random.NextDouble() < 0.1
            ? Between(random, 2, 10)
            : Between(random, 0, 0.5)),
        Decaying("batch of one: one in fifty is wrong", random => _ => random.NextDouble() < 0.02
            ? Between(random, 3, 10)
            : Between(random, 0, 0.2)),
        Catapult("catapult of 3 in 5 to 60 steps", 3),
        Catapult("catapult of 5 in 5 to 60 steps", 5),
        new("catapult of 5, up in 2 to 30, down in 5 to 40 steps", false, LongCatapult),
        Catapult("catapult of 10 in 5 to 60 steps", 10),
        new("plateau, then a drop (grokking)", false, Grokking),
        new("cosine with restarts", false, Restarts),
        new("crossing zero", false, random => Shifted(random, Between(random, 0.7, 1.5))),
        new("negative from the start", false, random => Shifted(random, Between(random, 3, 30))),
        new("falling to 1e-4, then up to 1e-2", false, NearZero),
        new("bump at the top of a warmup", false, WarmupBump),
        new("heavy ball at 3.5 of 3.8", false, random => HeavyBall(random, 3.5)),
        new("heavy ball at 3.79 of 3.8", false, random => HeavyBall(random, 3.79)),
        new("SGD on a noisy quadratic, below its threshold", false, random => DivergingFamilies.NoisyQuadratic(random, Between(random, 0.5, 1.8))),
        new("slow start: loss at guessing, accuracy rising", false, SlowStart),
    ];

    /// <summary>Loss and gradient ratios of heavy ball with momentum 0.9 on two directions, eta lambda as given and 0.02 to 0.2.</summary>
    internal static Curve HeavyBall(Random random, double sharp, int? onset = null)
    {
        double flat = LogBetween(random, 0.02, 0.2);
        double share = LogBetween(random, 0.1, 10);
        double sigma = Between(random, 0, 0.1);
        double low = LogBetween(random, 1e-3, 0.1);
        (double x, double lastX, double y, double lastY) = (1, 1, 1, 1);
        return From(
            _ =>
            {
                double loss = (sharp * x * x) + (share * y * y) + low;
                (x, lastX) = (x - (sharp * x) + (0.9 * (x - lastX)), x);
                (y, lastY) = (y - (flat * y) + (0.9 * (y - lastY)), y);
                return loss * LossCurves.Noise(random, sigma);
            },
            onset);
    }

    private static CurveFamily Decaying(string name, Func<Random, Func<int, double>> noise) => new(name, false, random =>
    {
        Func<int, double> trend = Decay(random);
        Func<int, double> factor = noise(random);
        return From(step => trend(step) * factor(step));
    });

    /// <summary>Up and down at a constant rate each, the top in the middle third, beginning at step 0 to 200, noise 0 to 0.1.</summary>
    private static CurveFamily Catapult(string name, double height) => new(name, false, random =>
    {
        Func<int, double> trend = Decay(random);
        int at = random.Next(0, 200);
        int steps = random.Next(5, 61);
        double top = at + (steps * Between(random, 0.33, 0.67));
        double sigma = Between(random, 0, 0.1);
        return From(step => trend(step) * LossCurves.Noise(random, sigma) * Math.Pow(height, step <= at || step >= at + steps
            ? 0
            : step <= top ? (step - at) / (top - at) : (at + steps - step) / (at + steps - top)));
    });

    /// <summary>The same with up to 20 steps at the top.</summary>
    private static Curve LongCatapult(Random random)
    {
        Func<int, double> trend = Decay(random);
        int at = random.Next(0, 200);
        int up = random.Next(2, 31);
        int top = random.Next(0, 21);
        int down = random.Next(5, 41);
        double sigma = Between(random, 0, 0.1);
        return From(step => trend(step) * LossCurves.Noise(random, sigma)
            * Math.Pow(5, Math.Clamp(Math.Min((step - at) / (double)up, (at + up + top + down - step) / (double)down), 0, 1)));
    }

    private static Curve Grokking(Random random)
    {
        double plateau = Between(random, 1.5, 2.25);
        int drop = random.Next(150, 400);
        double low = LogBetween(random, 0.01, 0.3);
        double sigma = Between(random, 0.01, 0.2);
        return From(
            step => (step < drop ? plateau + ((2.35 - plateau) * Math.Exp(-step / 5.0)) : low + ((plateau - low) * Math.Exp(-(step - drop) / 15.0)))
                * LossCurves.Noise(random, sigma),
            accuracy: step => step < drop ? 0.25 : 0.8);
    }

    /// <summary>Back up to 30 to 80 % of the first loss at every restart; rate from 0.1 to 0.001 along a half cosine.</summary>
    private static Curve Restarts(Random random)
    {
        int period = random.Next(80, 200);
        double low = Between(random, 0.1, 0.4);
        double back = Between(random, 0.3, 0.8);
        double sigma = Between(random, 0.02, 0.2);
        double Cosine(int step) => 0.5 * (1 + Math.Cos(Math.PI * (step % period) / period));
        return From(
            step => (step < period
                ? low + ((2.3 - low) * Math.Exp(-step / (0.2 * period)))
                : low + (((2.3 * back) - low) * Math.Max(0, Cosine(step) - 0.1) * Math.Exp(-(step % period) / (0.5 * period))))
                * LossCurves.Noise(random, sigma),
            rate: step => 0.001 + (0.099 * Cosine(step)));
    }

    /// <summary>A decay moved down by so much, with additive noise of 0.02 to 0.3, correlated or not.</summary>
    private static Curve Shifted(Random random, double down)
    {
        Func<int, double> trend = Decay(random);
        double sigma = LogBetween(random, 0.02, 0.3);
        double phi = random.Next(2) * 0.8;
        double state = 0;
        return From(step =>
        {
            state = (phi * state) + (sigma * Math.Sqrt(1 - (phi * phi)) * Normal(random));
            return trend(step) - down + state;
        });
    }

    private static Curve NearZero(Random random)
    {
        double time = Between(random, 15, 40);
        int turn = random.Next(200, 400);
        double up = LogBetween(random, 1e-3, 3e-2);
        double sigma = Between(random, 0.1, 0.5);
        return From(step => (step < turn ? Math.Max(1e-4, 2.3 * Math.Exp(-step / time)) : up) * LossCurves.Noise(random, sigma));
    }

    /// <summary>The rate rises over 60 to 200 steps; the loss falls, rises 1.5 to 3 times towards the top and falls again.</summary>
    private static Curve WarmupBump(Random random)
    {
        int warmup = random.Next(60, 200);
        double height = Between(random, 0.5, 2);
        Func<int, double> trend = Decay(random);
        double sigma = Between(random, 0.02, 0.2);
        double width = 0.25 * warmup;
        return From(
            step => trend(step) * (1 + (height * Math.Exp(-0.5 * Math.Pow((step - warmup) / width, 2)))) * LossCurves.Noise(random, sigma),
            rate: step => 0.1 * Math.Min(1, (step + 1.0) / warmup));
    }

    /// <summary>Like the mean squared error of ten classes at a low rate: the loss barely falls, the accuracy rises slowly.</summary>
    private static Curve SlowStart(Random random)
    {
        double fall = Between(random, 3000, 20000);
        double rise = Between(random, 2000, 6000);
        double sigma = Between(random, 0.005, 0.02);
        return From(
            step => 2.302585 * (1 - (step / fall) + (0.05 * Math.Exp(-step / 20.0))) * LossCurves.Noise(random, sigma),
            accuracy: step => Math.Clamp(0.1 + (step / rise) + (0.04 * Normal(random)), 0, 1));
    }

    private static double Student3(Random random)
    {
        double chi = 0;
        for (int i = 0; i < 3; i++)
        {
            double normal = Normal(random);
            chi += normal * normal;
        }

        return Normal(random) / Math.Sqrt(chi / 3);
    }
}
