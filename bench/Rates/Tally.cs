using System.Globalization;

namespace CurvatureActors.Bench.Rates;

/// <summary>How often something went wrong, and what it cost, over seeds.</summary>
internal sealed class Tally(string name)
{
    private readonly List<int> _products = [];
    private int _claims;
    private int _misses;

    internal static void Header()
    {
        Console.WriteLine("| what | trials | claimed | misses | rate of misses, 95 % interval | products: median, 90th percentile |");
        Console.WriteLine("|---|---|---|---|---|---|");
    }

    /// <summary>One trial.</summary>
    /// <param name="claimed">Whether the solver said that it was done.</param>
    /// <param name="missed">Whether what it said was wrong; counts only where it was claimed.</param>
    /// <param name="products">What it took.</param>
    internal void Add(bool claimed, bool missed, int products)
    {
        _products.Add(products);
        _claims += claimed ? 1 : 0;
        _misses += claimed && missed ? 1 : 0;
    }

    internal void Write()
    {
        (double low, double high) = Wilson();
        int[] sorted = [.. _products.Order()];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {sorted.Length} | {_claims} | {_misses} | {100.0 * _misses / Math.Max(1, _claims):0.0#} % ({100 * low:0.0#} to {100 * high:0.0#}) | "
            + $"{sorted[sorted.Length / 2]}, {sorted[(int)(0.9 * (sorted.Length - 1))]} |"));
    }

    private (double Low, double High) Wilson()
    {
        const double Z = 1.96;
        double n = Math.Max(1, _claims);
        double share = _misses / n;
        double middle = share + Z * Z / (2 * n);
        double half = Z * Math.Sqrt(share * (1 - share) / n + Z * Z / (4 * n * n));
        return (Math.Max(0, (middle - half) / (1 + Z * Z / n)), (middle + half) / (1 + Z * Z / n));
    }
}
