using CurvatureActors.Actors.Telemetry;
using ScottPlot;

namespace CurvatureActors.Cli.Reports.Figures;

/// <summary>
/// The measures of curvature beside lambda1 against step: the largest eigenvalues, critical and batch sharpness, and the
/// curvature along gradient and update, with the line 2/eta that the paper and the critical sharpness are held against.
/// </summary>
internal static class SharpnessFigure
{
    private static readonly (string Kind, string Name, string Legend, Color Color, Symbol Symbol)[] Series =
    [
        ("top", "lambda1", "λ1", FigureColors.Blue, Symbol.Disc),
        ("critical-sharpness", "sharpness", "critical sharpness", FigureColors.Purple, Symbol.Diamond),
        ("batch-sharpness", "sharpness", "batch sharpness", FigureColors.Green, Symbol.Ring),
        ("directional", "gradient", "along the gradient", FigureColors.Sky, Symbol.Disc),
        ("directional", "update", "along the update", FigureColors.Orange, Symbol.Disc),
    ];

    /// <summary>Null when none of them was measured.</summary>
    public static Figure? Draw(RunReport run)
    {
        CurvatureValueRow[] further =
        [
            .. run.Values.Rows.Where(row =>
                row.Kind == "top" && row.Name.StartsWith("lambda", StringComparison.Ordinal) && row.Name is not ("lambda1" or "lambda-min")),
        ];
        var series = Series.Select(one => (one, Rows: run.ValuesOf(one.Kind, one.Name))).Where(one => one.Rows.Count > 0).ToArray();
        if (series.Length == 0)
        {
            return null;
        }

        (double Step, double Rate)[] rates =
        [
            .. run.Steps.Rows.Where(row => row.Metrics.LearningRate > 0)
                .Select(row => ((double)row.Step, row.Metrics.LearningRate)),
        ];
        var chart = new Chart(AxisScale.SquareRoot, "step (square-root scale)", AxisScale.Log, "curvature, several measures");
        (double Low, double High)? range = Chart.LogRange(series.SelectMany(one => one.Rows).Concat(further)
            .Select(row => row.Value)
            .Concat(rates.Length == 0 ? [] : [2 / rates.Max(rate => rate.Rate)]));
        chart.Span(RunFigures.StepRange(run), range ?? (0.1, 10));
        chart.Line(
            rates.Select(rate => (rate.Step, 2 / rate.Rate)), FigureColors.Ink, "2/η", 1.6f, LinePattern.DenselyDashed);
        IGrouping<string, CurvatureValueRow>[] ranks = [.. further.GroupBy(row => row.Name)];
        for (int i = 0; i < ranks.Length; i++)
        {
            chart.Line(Points(ranks[i]), FigureColors.Blue.WithAlpha(.35), i == 0 ? $"λ2 to λ{ranks.Length + 1}" : null, 1);
        }

        foreach (((_, _, string legend, Color color, Symbol symbol), IReadOnlyList<CurvatureValueRow> rows) in series)
        {
            chart.Line(Points(rows), color.WithAlpha(.6), null, 1.3f);
            chart.Errors(rows.Select(row => ((double)row.Step, row.Value, row.Error ?? 0)), color.WithAlpha(.6));
            chart.Points(Points(rows), symbol, color, legend, 5.5f);
        }

        if (range is null)
        {
            chart.Nothing("no positive, finite value");
        }

        return chart.Finish(
            $"{RunFigures.FileName(run)}-sharpness",
            $"{run.Name}: measures of curvature",
            $"Measures of curvature of {run.Name} against step on a logarithmic axis: "
            + string.Join(", ", series.Select(one => $"{one.one.Legend}, last {NumberText.Short(one.Rows[^1].Value)}")) + ".");
    }

    private static IEnumerable<(double, double)> Points(IEnumerable<CurvatureValueRow> rows) =>
        rows.Select(row => ((double)row.Step, row.Value));
}
