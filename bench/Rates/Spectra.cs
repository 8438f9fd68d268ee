namespace CurvatureActors.Bench.Rates;

/// <summary>Eigenvalues like those of loss Hessians: a few outliers over a bulk.</summary>
internal static class Spectra
{
    /// <summary>Given outliers, and the rest spread evenly from <paramref name="low"/> to <paramref name="high"/>.</summary>
    internal static double[] Bulk(int size, double low, double high, params double[] outliers) =>
    [
        .. outliers,
        .. Enumerable.Range(0, size - outliers.Length).Select(i => low + (high - low) * i / Math.Max(1, size - outliers.Length - 1)),
    ];

    /// <summary>1, then <paramref name="second"/>, then each a constant share below the one before.</summary>
    internal static double[] Decaying(int size, double second, double ratio) =>
        [1, .. Enumerable.Range(0, size - 1).Select(i => second * Math.Pow(ratio, i))];
}
