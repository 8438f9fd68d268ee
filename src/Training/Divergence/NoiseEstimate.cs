namespace CurvatureActors.Training.Divergence;

/// <summary>
/// Standard deviation of the log loss about its trend, from the last differences between neighbouring steps. The
/// median absolute deviation about their median is blind to steady decay, to steady growth and to single outliers,
/// so none of them passes for noise.
/// </summary>
internal sealed class NoiseEstimate
{
    private const int Capacity = 32;

    // Before there are data: what a healthy run at a usual batch size shows, with the weight of a few steps.
    private const double Prior = 0.2;
    private const double PriorWeight = 4;

    // MAD to standard deviation for a normal distribution; a difference has twice the variance of its terms.
    private static readonly double Scale = 1.482602218505602 / Math.Sqrt(2);

    private readonly List<double> _differences = new(Capacity);

    /// <summary>The differences it is made of, oldest first.</summary>
    internal IReadOnlyList<double> Differences => _differences;

    /// <summary>Adds log(loss) - log(loss one step before).</summary>
    internal void Add(double difference)
    {
        if (_differences.Count == Capacity)
        {
            _differences.RemoveAt(0);
        }

        _differences.Add(difference);
    }

    /// <summary>Replaces what is remembered.</summary>
    internal void Load(IEnumerable<double> differences)
    {
        _differences.Clear();
        _differences.AddRange(differences);
    }

    /// <summary>The estimate, in units of the natural logarithm of the loss.</summary>
    internal double Sigma()
    {
        int count = _differences.Count;
        if (count < 2)
        {
            return Prior;
        }

        Span<double> sorted = stackalloc double[count];
        for (int i = 0; i < count; i++)
        {
            sorted[i] = _differences[i];
        }

        double center = Median(sorted);
        for (int i = 0; i < count; i++)
        {
            sorted[i] = Math.Abs(sorted[i] - center);
        }

        // Few differences often look calmer than the run is: take the upper end of what they allow.
        double sigma = Scale * Median(sorted) * (1 + (1 / Math.Sqrt(count)));
        return Math.Sqrt(((count * sigma * sigma) + (PriorWeight * Prior * Prior)) / (count + PriorWeight));
    }

    /// <summary>Sorts the values and gives their median.</summary>
    internal static double Median(Span<double> values)
    {
        values.Sort();
        int middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
    }
}
