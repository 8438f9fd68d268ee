namespace CurvatureActors.Hessian.Estimators;

/// <summary>A mean of random samples, with its error.</summary>
/// <param name="Value">The mean.</param>
/// <param name="StandardError">Standard deviation of the mean; NaN with a single sample, 0 where nothing was left to chance.</param>
/// <param name="Samples">Number of samples.</param>
public sealed record Estimate(double Value, double StandardError, int Samples)
{
    /// <summary>Mean and standard error (n - 1 in the variance) of independent samples.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static Estimate Of(IReadOnlyList<double> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.Count == 0)
        {
            throw new ArgumentException("An estimate needs at least one sample.", nameof(samples));
        }

        double mean = samples.Average();
        double variance = samples.Sum(sample => (sample - mean) * (sample - mean)) / (samples.Count - 1.0);
        return new Estimate(mean, Math.Sqrt(variance / samples.Count), samples.Count);
    }
}
