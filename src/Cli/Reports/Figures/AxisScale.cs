namespace CurvatureActors.Cli.Reports.Figures;

/// <summary>How values are laid along an axis.</summary>
internal enum AxisScale
{
    /// <summary>As they are.</summary>
    Linear,

    /// <summary>By their root: the first steps, where instability lives and dies, get room and the rest stays in view.</summary>
    SquareRoot,

    /// <summary>By their logarithm; what is not positive cannot be shown.</summary>
    Log,
}

/// <summary>Positions and ticks of a scale.</summary>
internal static class AxisScales
{
    /// <summary>Where a value lies; NaN where it cannot be shown.</summary>
    public static double Position(this AxisScale scale, double value) => scale switch
    {
        AxisScale.Log => value > 0 && double.IsFinite(value) ? Math.Log10(value) : double.NaN,
        AxisScale.SquareRoot => value >= 0 && double.IsFinite(value) ? Math.Sqrt(value) : double.NaN,
        _ => double.IsFinite(value) ? value : double.NaN,
    };

    /// <summary>Values that get a label between <paramref name="low"/> and <paramref name="high"/>, some six of them.</summary>
    public static IReadOnlyList<double> Ticks(this AxisScale scale, double low, double high) => scale switch
    {
        AxisScale.Log => LogTicks(low, high),
        AxisScale.SquareRoot => RootTicks(high),
        _ => LinearTicks(low, high),
    };

    /// <summary>Values that get a short mark without a label.</summary>
    public static IEnumerable<double> MinorTicks(this AxisScale scale, double low, double high)
    {
        if (scale != AxisScale.Log || Math.Log10(high / low) > 8)
        {
            yield break;
        }

        for (int exponent = (int)Math.Floor(Math.Log10(low)); Math.Pow(10, exponent) <= high; exponent++)
        {
            for (int digit = 1; digit <= 9; digit++)
            {
                double value = digit * Math.Pow(10, exponent);
                if (value >= low && value <= high)
                {
                    yield return value;
                }
            }
        }
    }

    private static List<double> LogTicks(double low, double high)
    {
        double decades = Math.Log10(high / low);
        int[] digits = decades < 1.6 ? [1, 2, 3, 5] : decades < 3.2 ? [1, 3] : [1];
        int stride = Math.Max(1, (int)Math.Ceiling(decades / 7));
        var ticks = new List<double>();
        for (int exponent = (int)Math.Floor(Math.Log10(low)); exponent <= Math.Ceiling(Math.Log10(high)); exponent++)
        {
            if (exponent % stride == 0)
            {
                ticks.AddRange(digits.Select(digit => digit * Math.Pow(10, exponent))
                    .Where(value => value >= low * 0.999999 && value <= high * 1.000001));
            }
        }

        return ticks.Count >= 3 ? ticks : LinearTicks(low, high);
    }

    private static List<double> LinearTicks(double low, double high)
    {
        double rough = (high - low) / 5;
        double magnitude = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = magnitude * ((rough / magnitude) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 });
        var ticks = new List<double>();
        for (double k = Math.Ceiling((low / step) - 1e-9); k * step <= high + (step * 1e-9); k++)
        {
            ticks.Add(Math.Round(k * step, 12));
        }

        return ticks;
    }

    private static List<double> RootTicks(double high)
    {
        var ticks = new List<double> { 0 };
        double gap = 0.1 * Math.Sqrt(high);
        for (double decade = 1; decade <= high; decade *= 10)
        {
            foreach (double value in (ReadOnlySpan<double>)[decade, 2 * decade, 5 * decade])
            {
                if (value <= high && Math.Sqrt(value) - Math.Sqrt(ticks[^1]) >= gap)
                {
                    ticks.Add(value);
                }
            }
        }

        return ticks;
    }
}
