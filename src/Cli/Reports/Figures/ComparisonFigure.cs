using CurvatureActors.Training.Sessions;
using ScottPlot;

namespace CurvatureActors.Cli.Reports.Figures;

/// <summary>
/// What training ended with against the learning rate asked for, one series for each value of what else was varied.
/// A run that ended without a result lies on the bottom (accuracy) or top (loss) edge.
/// </summary>
internal static class ComparisonFigure
{
    private const int MostSeries = 7;

    public static Figure Accuracy(ReportData data) => Draw(
        data, AxisScale.Linear, "comparison-accuracy", "test accuracy at the end, %", "Test accuracy against learning rate",
        run => 100 * Result(run)?.Accuracy, largerIsBetter: true);

    public static Figure Loss(ReportData data) => Draw(
        data, AxisScale.Log, "comparison-loss", "test loss at the end", "Test loss against learning rate",
        run => Result(run)?.Loss, largerIsBetter: false);

    /// <summary>What a diverged run had reached on its way is no result.</summary>
    private static Evaluation? Result(RunReport run) => run.Fate is Fate.Diverged or Fate.Failed ? null : run.Evaluation;

    private static Figure Draw(
        ReportData data, AxisScale scale, string name, string yTitle, string title, Func<RunReport, double?> value, bool largerIsBetter)
    {
        var chart = new Chart(AxisScale.Log, "learning rate η asked for", scale, yTitle);
        double[] values = [.. data.Runs.Select(value).OfType<double>().Where(double.IsFinite)];
        (double Low, double High) y = scale == AxisScale.Log ? Chart.LogRange(values, 0.15) ?? (0.1, 10) : LinearRange(values);
        chart.Span(Chart.LogRange(data.Runs.Select(run => run.AskedLearningRate), 0.12) ?? (0.01, 1), y);

        IGrouping<string, RunReport>[] series = [.. data.Runs.GroupBy(data.SeriesOf)];
        bool named = series.Length is > 1 and <= MostSeries;
        double edge = largerIsBetter ? y.Low + (0.03 * (y.High - y.Low)) : y.High / Math.Pow(y.High / y.Low, 0.03);
        for (int i = 0; i < series.Length; i++)
        {
            Color color = series.Length <= MostSeries ? FigureColors.Series[i] : FigureColors.Blue;
            // Series side by side: equal results at equal rates would hide one another.
            double shift = named ? Math.Pow(1.05, i - ((series.Length - 1) / 2.0)) : 1;
            if (series.Length <= MostSeries)
            {
                chart.Line(Means(series[i], value, shift), color, named ? Label(series[i].Key) : null, 1.8f);
            }

            foreach (IGrouping<Fate, RunReport> fate in series[i].GroupBy(run => run.Fate))
            {
                chart.Points(
                    fate.Select(run => (run.AskedLearningRate * shift, value(run) is { } v && double.IsFinite(v) ? v : edge)),
                    Symbol.Of(fate.Key), color, null, 11);
            }
        }

        foreach (Fate fate in data.Runs.Select(run => run.Fate).Distinct().Order())
        {
            chart.Legend(Symbol.Of(fate), FigureColors.Ink, fate.Word(), 9);
        }

        return chart.Finish(name, title, $"{title}, {NumberText.Count(data.Runs.Count, "run")}; the table of runs holds the numbers.");
    }

    private static string Label(string series) => series.Length == 0 ? "as configured" : series;

    /// <summary>Seeds share a line through their mean; what ended without a result is no part of it.</summary>
    private static IEnumerable<(double, double)> Means(IEnumerable<RunReport> runs, Func<RunReport, double?> value, double shift) =>
        runs.Where(run => value(run) is { } v && double.IsFinite(v))
            .GroupBy(run => run.AskedLearningRate)
            .OrderBy(group => group.Key)
            .Select(group => (group.Key * shift, group.Average(run => value(run)!.Value)));

    private static (double Low, double High) LinearRange(double[] values)
    {
        if (values.Length == 0)
        {
            return (0, 100);
        }

        double pad = Math.Max(1, 0.12 * (values.Max() - values.Min()));
        return (values.Min() - pad, values.Max() + pad);
    }
}
