using CurvatureActors.Training.Sessions;

namespace CurvatureActors.Training.Tests.Divergence;

/// <summary>A kind of curve, healthy or diverging, from which any seed draws a member.</summary>
/// <param name="Name">In words.</param>
/// <param name="Diverges">Whether every member gets into trouble; otherwise all are healthy to their end.</param>
/// <param name="Draw">The steps of the member of a seed, with its onset; the same seed always gives the same.</param>
internal sealed record CurveFamily(string Name, bool Diverges, Func<Random, Curve> Draw);

/// <summary>One simulated run.</summary>
/// <param name="Steps">Its metrics, in order.</param>
/// <param name="Onset">The first step in trouble; null when it is healthy to its end.</param>
internal sealed record Curve(IReadOnlyList<StepMetrics> Steps, int? Onset = null);

/// <summary>
/// Healthy and diverging families, each with what a run of that kind really does: the truth is known without the detector.
/// Levels are those of cross-entropy with ten classes, where guessing has the loss ln 10 = 2.303 and accuracy 0.1.
/// </summary>
internal static class CurveFamilies
{
    private const int Length = 600;

    internal static IReadOnlyList<CurveFamily> All { get; } = [.. HealthyFamilies.All, .. DivergingFamilies.All];

    /// <summary>From losses; accuracy 0.5 and rate 0.1 where nothing else is said.</summary>
    internal static Curve From(
        Func<int, double> loss, int? onset = null, Func<int, double>? accuracy = null, Func<int, double>? rate = null, int length = Length) =>
        new([.. Enumerable.Range(0, length).Select(step => new StepMetrics(
            step, loss(step), accuracy?.Invoke(step) ?? 0.5, 1, rate?.Invoke(step) ?? 0.1, Clipped: false))], onset);

    internal static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    internal static double Between(Random random, double low, double high) => low + ((high - low) * random.NextDouble());

    internal static double LogBetween(Random random, double low, double high) =>
        low * Math.Pow(high / low, random.NextDouble());

    /// <summary>From 2.3 to a low of 0.1 to 0.5 with a time constant of 30 to 200 steps.</summary>
    internal static Func<int, double> Decay(Random random)
    {
        double low = Between(random, 0.1, 0.5);
        double time = LogBetween(random, 30, 200);
        return step => low + ((2.3 - low) * Math.Exp(-step / time));
    }

    /// <summary>A factor of mean one for every step, log-normal of deviation sigma, with the autocorrelation phi^lag.</summary>
    internal static Func<int, double> Correlated(Random random, double phi, double sigma)
    {
        double state = sigma * Normal(random);
        return step =>
        {
            double factor = Math.Exp(state - (0.5 * sigma * sigma));
            state = (phi * state) + (sigma * Math.Sqrt(1 - (phi * phi)) * Normal(random));
            return factor;
        };
    }
}
