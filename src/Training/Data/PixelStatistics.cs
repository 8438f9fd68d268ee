namespace CurvatureActors.Training.Data;

/// <summary>
/// Mean and population standard deviation of every channel, over all pixels of all images, in units of the full
/// brightness (a byte of 255 is 1.0).
/// </summary>
/// <remarks>
/// The sums are sums of integers and hence exact; what is rounded (float64) is rounded once, so the numbers are the
/// same on every machine.
/// </remarks>
public sealed class PixelStatistics
{
    private const double FullBrightness = byte.MaxValue;

    private PixelStatistics(double[] mean, double[] standardDeviation)
    {
        Mean = mean;
        StandardDeviation = standardDeviation;
    }

    /// <summary>Mean per channel, 0 to 1.</summary>
    public IReadOnlyList<double> Mean { get; }

    /// <summary>Population standard deviation per channel, 0 to 0.5.</summary>
    public IReadOnlyList<double> StandardDeviation { get; }

    /// <summary>Measures <paramref name="images"/>.</summary>
    /// <exception cref="ArgumentException">There are no images.</exception>
    public static PixelStatistics Of(ByteImages images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count == 0)
        {
            throw new ArgumentException("No images, hence no mean.", nameof(images));
        }

        int channels = images.Shape.Channels;
        int area = images.Shape.Height * images.Shape.Width;
        long[][] histograms = [.. Enumerable.Range(0, channels).Select(_ => new long[byte.MaxValue + 1])];
        ReadOnlySpan<byte> pixels = images.Pixels.Span;
        for (int plane = 0; plane < images.Count * channels; plane++)
        {
            long[] histogram = histograms[plane % channels];
            foreach (byte pixel in pixels.Slice(plane * area, area))
            {
                histogram[pixel]++;
            }
        }

        double n = (double)images.Count * area;
        double[] mean = new double[channels];
        double[] deviation = new double[channels];
        for (int channel = 0; channel < channels; channel++)
        {
            long sum = 0;
            long squares = 0;
            for (int value = 0; value <= byte.MaxValue; value++)
            {
                sum += value * histograms[channel][value];
                squares += (long)value * value * histograms[channel][value];
            }
            // n^2 times the variance, in integers: no cancellation.
            Int128 scaled = ((Int128)images.Count * area * squares) - ((Int128)sum * sum);
            mean[channel] = sum / n / FullBrightness;
            deviation[channel] = Math.Sqrt((double)scaled) / n / FullBrightness;
        }
        return new PixelStatistics(mean, deviation);
    }

    /// <summary>
    /// What each byte becomes: (value / 255 - mean) / standard deviation, rounded to float32 once. A channel that is
    /// the same everywhere is only centred.
    /// </summary>
    /// <param name="channel">From 0.</param>
    /// <returns>256 values.</returns>
    public float[] NormalizedValues(int channel)
    {
        double deviation = StandardDeviation[channel] > 0 ? StandardDeviation[channel] : 1;
        return [.. Enumerable.Range(0, byte.MaxValue + 1)
            .Select(value => (float)(((value / FullBrightness) - Mean[channel]) / deviation))];
    }
}
