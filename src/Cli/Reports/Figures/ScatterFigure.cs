using CurvatureActors.Actors.Telemetry;
using ScottPlot;

namespace CurvatureActors.Cli.Reports.Figures;

/// <summary>
/// lambda1 against learning rate with the line 2/eta, at initialisation and in mid-training (the first figure of
/// Gilmer et al. 2021): what survives lies at or below the line, what starts above it is in danger.
/// </summary>
internal static class ScatterFigure
{
    public static Figure AtInitialisation(ReportData data) => Draw(
        data, "scatter-initialisation", "At initialisation", "peak learning rate η asked for",
        run => run.InitialMeasurement is { } row ? (run.AskedLearningRate, row) : null);

    public static Figure InMidTraining(ReportData data) => Draw(
        data, "scatter-mid-training", "In mid-training", "learning rate η at that step",
        run => run.MiddleMeasurement is { } row ? (row.Measurement.LearningRate, row) : null);

    private static Figure Draw(
        ReportData data, string name, string title, string xTitle, Func<RunReport, (double Rate, MeasurementRow Row)?> select)
    {
        var chart = new Chart(AxisScale.Log, xTitle, AxisScale.Log, "curvature λ1");
        MeasurementRow[] all =
        [
            .. data.Runs.SelectMany(run => new[] { run.InitialMeasurement, run.MiddleMeasurement }).OfType<MeasurementRow>(),
        ];
        double[] rates =
        [
            .. data.Runs.Select(run => run.AskedLearningRate)
                .Concat(data.Runs.Select(run => run.MiddleMeasurement?.Measurement.LearningRate).OfType<double>())
                .Where(rate => rate > 0),
        ];
        // The two figures share their axes, so that the eye can carry a point from one to the other.
        (double Low, double High) x = Chart.LogRange(rates, 0.15) ?? (0.01, 1);
        (double Low, double High) y = Chart.LogRange(
            all.Select(row => row.Measurement.Lambda1).Append(2 / rates.DefaultIfEmpty(0.1).Max()), 0.15) ?? (1, 100);
        chart.Span(x, y);
        chart.TintAbove([(x.Low, 2 / x.Low), (x.High, 2 / x.High)], FigureColors.Vermilion.WithAlpha(.07));
        chart.Line([(x.Low, 2 / x.Low), (x.High, 2 / x.High)], FigureColors.Ink, "2/η", 1.6f, LinePattern.DenselyDashed);
        double[] constants =
        [
            .. data.Runs.Where(run => !run.IsPreconditioned)
                .Select(run => Math.Round(run.Stability.Constant, 6)).Distinct(),
        ];
        if (constants is [var constant] && Math.Abs(constant - 2) > 1e-6)
        {
            chart.Line(
                [(x.Low, constant / x.Low), (x.High, constant / x.High)], FigureColors.Orange,
                $"the optimizer's own, {NumberText.Short(constant)}/η", 2);
        }

        var shown = data.Runs.Select(run => (Run: run, Point: select(run))).Where(entry => entry.Point is not null).ToArray();
        foreach (var fate in shown.GroupBy(entry => entry.Run.Fate).OrderBy(group => group.Key))
        {
            Color color = FigureColors.Of(fate.Key);
            foreach (bool warm in new[] { false, true })
            {
                // The same initial curvature at the same rate lies on the same point: warmup is drawn around it.
                chart.Points(
                    fate.Where(entry => (entry.Run.Specification.Schedule.WarmupSteps > 0) == warm)
                        .Select(entry => (entry.Point!.Value.Rate, entry.Point.Value.Row.Measurement.Lambda1)),
                    warm ? Hollow(fate.Key) : Symbol.Of(fate.Key), color, null, warm ? 15 : 9);
            }

            chart.Legend(Symbol.Of(fate.Key), color, fate.Key.Word(), 9);
        }

        if (shown.Any(entry => entry.Run.Specification.Schedule.WarmupSteps > 0))
        {
            chart.Legend(Symbol.Ring, FigureColors.Quiet, "large, hollow: warmup asked for", 10);
        }

        if (shown.Length == 0)
        {
            chart.Nothing("no curvature was measured here");
        }

        return chart.Finish(
            name, $"Curvature against learning rate: {title.ToLowerInvariant()}",
            $"{title}: lambda1 against learning rate on logarithmic axes with the line 2/eta, {NumberText.Count(shown.Length, "run")}.");
    }

    private static Symbol Hollow(Fate fate) => fate switch
    {
        Fate.Completed => Symbol.Ring,
        Fate.Rescued => Symbol.OpenDiamond,
        _ => Symbol.Of(fate),
    };
}
