namespace CurvatureActors.Bench;

/// <summary>Median of several readings, with the smallest and the largest.</summary>
internal readonly record struct Spread(double Median, double Minimum, double Maximum)
{
    internal static Spread Of(IEnumerable<double> readings)
    {
        double[] sorted = [.. readings.Order()];
        int half = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
        return new(median, sorted[0], sorted[^1]);
    }

    /// <summary>All three with one format.</summary>
    internal string Show(string format) =>
        $"{Median.ToString(format)} ({Minimum.ToString(format)} to {Maximum.ToString(format)})";
}
