using ScottPlot;

namespace CurvatureActors.Cli.Reports.Figures;

/// <summary>An axis as a figure of series wants it.</summary>
/// <param name="Scale">Its scale.</param>
/// <param name="Title">Its title, with the unit.</param>
internal sealed record SeriesAxis(AxisScale Scale, string Title);

/// <summary>One series of a figure.</summary>
/// <param name="Label">Its name in the legend; null for none.</param>
/// <param name="Points">Its points in order.</param>
internal sealed record Series(string? Label, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Named series of points against one another, with lines to hold them against: what most studies draw.</summary>
internal static class SeriesFigure
{
    /// <summary>Draws; says so where there is nothing to show.</summary>
    /// <param name="name">File name without an ending.</param>
    /// <param name="title">What it shows.</param>
    /// <param name="x">The horizontal axis.</param>
    /// <param name="y">The vertical axis.</param>
    /// <param name="series">The series, each in a colour of its own.</param>
    /// <param name="references">Dashed lines.</param>
    /// <param name="markers">Whether each point gets a mark.</param>
    public static Figure Draw(
        string name, string title, SeriesAxis x, SeriesAxis y, IReadOnlyList<Series> series, IReadOnlyList<Series>? references = null,
        bool markers = true)
    {
        var chart = new Chart(x.Scale, x.Title, y.Scale, y.Title);
        (double X, double Y)[] all =
        [
            .. series.Concat(references ?? []).SelectMany(one => one.Points)
                .Where(point => double.IsFinite(x.Scale.Position(point.X)) && double.IsFinite(y.Scale.Position(point.Y))),
        ];
        chart.Span(Range(x.Scale, all.Select(point => point.X)), Range(y.Scale, all.Select(point => point.Y)));
        foreach (Series line in references ?? [])
        {
            chart.Line(line.Points, FigureColors.Ink, line.Label, 1.6f, LinePattern.DenselyDashed);
        }

        for (int i = 0; i < series.Count; i++)
        {
            Color color = FigureColors.Series[i % FigureColors.Series.Count];
            // The colours begin anew with the eighth series: then another line and another mark tell them apart.
            bool again = i >= FigureColors.Series.Count;
            chart.Line(series[i].Points, color.WithAlpha(.7), markers ? null : series[i].Label, 1.8f, again ? LinePattern.Dotted : LinePattern.Solid);
            if (markers)
            {
                chart.Points(series[i].Points, again ? Symbol.Square : Symbol.Disc, color, series[i].Label, 8);
            }
        }

        if (series.All(one => one.Points.Count == 0))
        {
            chart.Nothing("nothing to show yet");
        }

        return chart.Finish(
            name, title, $"{title}: {y.Title} against {x.Title}; "
            + string.Join(", ", series.Where(one => one.Label is not null).Select(one => $"{one.Label} ({NumberText.Count(one.Points.Count, "point")})")) + ".");
    }

    private static (double Low, double High) Range(AxisScale scale, IEnumerable<double> values)
    {
        double[] shown = [.. values];
        if (scale == AxisScale.Log)
        {
            return Chart.LogRange(shown) ?? (0.1, 10);
        }

        if (shown.Length == 0)
        {
            return (0, 1);
        }

        double room = Math.Max(0.06 * (shown.Max() - shown.Min()), 1e-6 * Math.Max(1, Math.Abs(shown.Max())));
        return scale == AxisScale.SquareRoot ? (0, Math.Max(1, shown.Max() * 1.02)) : (shown.Min() - room, shown.Max() + room);
    }
}
