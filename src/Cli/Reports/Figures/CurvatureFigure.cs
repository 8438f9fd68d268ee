using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Training.Optimizers;
using ScottPlot;

namespace CurvatureActors.Cli.Reports.Figures;

/// <summary>
/// lambda1 against step with its residual, under the line 2/eta of Gilmer et al. 2021 (arXiv 2110.04369) and the
/// optimizer's own threshold (the paper's second figure).
/// </summary>
internal static class CurvatureFigure
{
    public static Figure Draw(RunReport run)
    {
        MeasurementRow[] rows = [.. run.Measurements.Rows];
        MeasurementRow[] abandoned = [.. run.Measurements.Abandoned.SelectMany(tail => tail.Rows)];
        OptimizerStability threshold = run.Stability;
        (double Step, double Rate)[] rates =
        [
            .. run.Steps.Rows.Where(row => row.Metrics.LearningRate > 0)
                .Select(row => ((double)row.Step, row.Metrics.LearningRate)),
        ];

        var chart = new Chart(AxisScale.SquareRoot, "step (square-root scale)", AxisScale.Log, "curvature λ1");
        double[] values = [.. rows.Concat(abandoned).Select(row => row.Measurement.Lambda1)
            .Concat(rows.Select(row => row.Measurement.PreconditionedLambda1 ?? double.NaN))];
        // A warmup starts with a threshold that is all but infinite: the lines may leave the figure, the lowest may not.
        (double Low, double High)? range = Chart.LogRange(
            values.Concat(rates.Length == 0 ? [] : [2 / rates.Max(rate => rate.Rate), threshold.ThresholdAt(rates.Max(rate => rate.Rate))]));
        bool anything = Chart.LogRange(values) is not null;
        (double low, double high) = range ?? (0.1, 10);
        chart.Span(RunFigures.StepRange(run), (low, high * Math.Pow(high / low, RunFigures.RoomForFlags(run))));

        chart.Line(
            rates.Select(rate => (rate.Step, 2 / rate.Rate)), FigureColors.Ink, "2/η (the paper's line)", 1.6f, LinePattern.DenselyDashed);
        if (run.IsPreconditioned || Math.Abs(threshold.Constant - 2) > 1e-9)
        {
            chart.Line(
                rates.Select(rate => (rate.Step, threshold.ThresholdAt(rate.Rate))), FigureColors.Orange,
                $"{threshold.Formula} ({run.Specification.Optimizer.Kind.Replace('-', ' ')})", 2);
        }

        chart.Line(Points(rows), FigureColors.Blue.WithAlpha(.6), null, 1.3f);
        chart.Errors(rows.Concat(abandoned).Select(row =>
            ((double)row.Step, row.Measurement.Lambda1, row.Measurement.Residual)), FigureColors.Quiet);
        chart.Points(Points(abandoned), Symbol.Ring, FigureColors.Vermilion.WithAlpha(.55), "abandoned attempt", 5);
        chart.Points(Points(rows.Where(row => row.Measurement.Converged)), Symbol.Disc, FigureColors.Blue, "λ1 ± residual", 5.5f);
        chart.Points(
            Points(rows.Where(row => !row.Measurement.Converged)), Symbol.Ring, FigureColors.Blue, "λ1, not converged", 6.5f);
        (double, double)[] preconditioned =
        [
            .. rows.Where(row => row.Measurement.PreconditionedLambda1 is not null)
                .Select(row => ((double)row.Step, row.Measurement.PreconditionedLambda1!.Value)),
        ];
        chart.Line(preconditioned, FigureColors.Orange.WithAlpha(.6), null, 1.3f);
        chart.Points(preconditioned, Symbol.Diamond, FigureColors.Orange, "preconditioned λ1", 6);
        RunFigures.Flags(chart, run);
        if (!anything)
        {
            chart.Nothing(rows.Length + abandoned.Length == 0 ? "no curvature was measured" : "no positive, finite λ1");
        }

        return chart.Finish(
            $"{RunFigures.FileName(run)}-lambda1",
            $"{run.Name}: curvature",
            $"lambda1 of {run.Name} against step on a logarithmic axis with the lines 2/eta and {threshold.Formula}: "
            + $"{NumberText.Count(rows.Length, "measurement")}, the last {NumberText.Short(run.LastMeasurement?.Measurement.Lambda1)}.");
    }

    private static IEnumerable<(double, double)> Points(IEnumerable<MeasurementRow> rows) =>
        rows.Select(row => ((double)row.Step, row.Measurement.Lambda1));
}
