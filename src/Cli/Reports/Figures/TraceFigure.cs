using CurvatureActors.Actors.Telemetry;

namespace CurvatureActors.Cli.Reports.Figures;

/// <summary>The trace of the Hessian against step with its standard error, on a linear axis since it may be negative.</summary>
internal static class TraceFigure
{
    /// <summary>Null when it was not measured.</summary>
    public static Figure? Draw(RunReport run)
    {
        IReadOnlyList<CurvatureValueRow> rows = run.ValuesOf("trace", "estimate");
        if (rows.Count == 0)
        {
            return null;
        }

        var chart = new Chart(AxisScale.SquareRoot, "step (square-root scale)", AxisScale.Linear, "trace of the Hessian");
        double[] ends =
        [
            0, .. rows.SelectMany(row => new[] { row.Value - (row.Error ?? 0), row.Value + (row.Error ?? 0) }).Where(double.IsFinite),
        ];
        double room = Math.Max(0.06 * (ends.Max() - ends.Min()), 1e-9);
        chart.Span(RunFigures.StepRange(run), (ends.Min() - (ends.Min() < 0 ? room : 0), ends.Max() + room));
        (double, double)[] points = [.. rows.Select(row => ((double)row.Step, row.Value))];
        chart.Line(points, FigureColors.Blue.WithAlpha(.6), null, 1.3f);
        chart.Errors(rows.Select(row => ((double)row.Step, row.Value, row.Error ?? 0)), FigureColors.Quiet);
        chart.Points(points, Symbol.Disc, FigureColors.Blue, "trace ± standard error", 5.5f);
        if (ends.Length == 1)
        {
            chart.Nothing("no finite trace");
        }

        return chart.Finish(
            $"{RunFigures.FileName(run)}-trace",
            $"{run.Name}: trace",
            $"Trace of the loss Hessian of {run.Name} against step: {NumberText.Count(rows.Count, "measurement")}, "
            + $"the last {NumberText.Short(rows[^1].Value)}.");
    }
}
