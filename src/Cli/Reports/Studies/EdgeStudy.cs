using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Cli.Reports.Figures;
using ScottPlot;

namespace CurvatureActors.Cli.Reports.Studies;

/// <summary>
/// Full-batch training sharpens the loss until the eigenvalue that an optimizer's stability is about reaches its threshold,
/// and stays there (Cohen et al. 2021, arXiv 2103.00065; for Adam Cohen et al. 2022, arXiv 2207.14484).
/// </summary>
internal sealed class EdgeStudy : IStudy
{
    /// <summary>What counts as level with the threshold: the median of the stability ratio lies in this band.</summary>
    public static (double Low, double High) Band { get; } = (0.85, 1.2);

    /// <summary>Fewest measurements in the last third that a level can be read from.</summary>
    public const int FewestMeasurements = 5;

    public string Name => "edge";

    public string Title => "The edge of stability";

    public string Claim =>
        "Trained on the whole set at once, gradient descent, heavy ball, Nesterov and Adam sharpen the loss until λ1 (Adam: the "
        + "preconditioned λ1) levels off at the optimizer's own threshold, with β = 0.9 at 2/η, 3.8/η, 1.357/η and 38/η "
        + "(Cohen et al. 2021, arXiv 2103.00065, and 2022, arXiv 2207.14484; the line 2/η of Gilmer et al. 2021, section 2).";

    public IEnumerable<Figure> Figures(ReportData data)
    {
        var chart = new Chart(AxisScale.Linear, "step", AxisScale.Log, "stability ratio, 1 = edge");
        (double X, double Y)[][] series = [.. data.Runs.Select(Points)];
        double[] values = [.. series.SelectMany(points => points).Select(point => point.Y)];
        double steps = data.Runs.Select(run => run.Specification.Training.Steps).DefaultIfEmpty(1).Max();
        // What is far below the edge on its way up tells nothing; the edge shall have room.
        (double low, double high) = Chart.LogRange(values.Append(1)) ?? (0.1, 10);
        chart.Span((0, steps * 1.02), (Math.Max(low, 0.01), Math.Min(Math.Max(high, 2), 100)));
        chart.Line([(0, 1), (steps * 1.02, 1)], FigureColors.Ink, "threshold", 1.6f, LinePattern.DenselyDashed);
        for (int i = 0; i < series.Length; i++)
        {
            Color color = FigureColors.Series[i % FigureColors.Series.Count];
            chart.Line(series[i], color.WithAlpha(.7), Label(data.Runs[i]), 1.5f);
        }

        if (values.Length == 0)
        {
            chart.Nothing("no stability ratio was measured");
        }

        yield return chart.Finish(
            "study-edge-ratio", "Curvature over each optimizer's threshold",
            "Stability ratio (curvature over the optimizer's threshold) against step, one line a run: "
            + string.Join(", ", data.Runs.Select(run => $"{Label(run)} ends at {NumberText.Short(Points(run).Select(point => (double?)point.Y).LastOrDefault())}")) + ".");
        yield return Curvature(data, steps);
    }

    public Verdict Judge(ReportData data)
    {
        var table = new StudyTable(
            "run", "optimizer", "learning rate", "threshold", "level of λ1", "median ratio", "lowest ratio", "highest ratio",
            "measurements", "in the band");
        var told = new List<string>();
        int level = 0;
        int known = 0;
        foreach (RunReport run in data.Runs)
        {
            MeasurementRow[] last = LastThird(run);
            double[] ratios = [.. last.Select(row => row.Measurement.StabilityRatio!.Value).Order()];
            bool? holds = run.Fate is Fate.Unfinished || (ratios.Length < FewestMeasurements && run.Fate is not Fate.Diverged) ? null
                : run.Fate is not Fate.Diverged && Statistics.Median(ratios) is var median && median >= Band.Low && median <= Band.High;
            double? middle = ratios.Length == 0 ? null : Statistics.Median(ratios);
            double threshold = run.Stability.ThresholdAt(run.AskedLearningRate);
            table.Add(
                run.Name, run.Specification.Optimizer.Kind, run.AskedLearningRate, threshold, middle * threshold, middle,
                ratios.Length == 0 ? null : ratios[0], ratios.Length == 0 ? null : ratios[^1], last.Length, holds);
            known += holds is null ? 0 : 1;
            level += holds is true ? 1 : 0;
            told.Add(run.Fate is Fate.Diverged
                ? $"{Label(run)}: diverged"
                : $"{Label(run)}: {NumberText.Short(middle)} of {NumberText.Short(run.Stability.Constant, 4)}/η");
        }

        string band = $"{NumberText.Short(Band.Low)} to {NumberText.Short(Band.High)} times the threshold";
        string numbers = string.Join("; ", told);
        return known == 0
            ? new Verdict(null, $"No run has come so far that a level could be read from the last third of its measurements ({numbers}).", table)
            : new Verdict(
                known < data.Runs.Count && level == known ? null : level == known,
                $"Over the last third of the measurements the median curvature of {level} of {NumberText.Count(data.Runs.Count, "run")} lay at "
                + $"{band} ({numbers}).",
                table);
    }

    private static Figure Curvature(ReportData data, double steps)
    {
        var chart = new Chart(AxisScale.Linear, "step", AxisScale.Log, "λ1 (Adam: preconditioned)");
        double[] all =
        [
            .. data.Runs.SelectMany(run => run.Measurements.Rows).Select(row => Value(row) ?? double.NaN),
            .. data.Runs.Select(run => run.Stability.ThresholdAt(run.AskedLearningRate)),
        ];
        chart.Span((0, steps * 1.02), Chart.LogRange(all) ?? (0.1, 10));
        for (int i = 0; i < data.Runs.Count; i++)
        {
            RunReport run = data.Runs[i];
            Color color = FigureColors.Series[i % FigureColors.Series.Count];
            double threshold = run.Stability.ThresholdAt(run.AskedLearningRate);
            chart.Line([(0, threshold), (steps * 1.02, threshold)], color, null, 1.4f, LinePattern.DenselyDashed);
            chart.Line(
                run.Measurements.Rows.Select(row => ((double)row.Step, Value(row) ?? double.NaN)), color.WithAlpha(.7),
                $"{Label(run)}, dashed: {NumberText.Short(run.Stability.Constant, 4)}/η", 1.5f);
        }

        return chart.Finish(
            "study-edge-lambda1", "Curvature and thresholds",
            "lambda1 (for Adam of the preconditioned Hessian) against step, with the threshold of each run as a dashed line.");
    }

    private static MeasurementRow[] LastThird(RunReport run)
    {
        double from = run.Specification.Training.Steps * 2 / 3.0;
        return [.. run.Measurements.Rows.Where(row => row.Step >= from && row.Measurement.StabilityRatio is { } ratio && double.IsFinite(ratio))];
    }

    private static double? Value(MeasurementRow row) => row.Measurement.StabilityRatio * row.Measurement.Threshold;

    private static (double X, double Y)[] Points(RunReport run) =>
    [
        .. run.Measurements.Rows.Where(row => row.Measurement.StabilityRatio is not null)
            .Select(row => ((double)row.Step, row.Measurement.StabilityRatio!.Value)),
    ];

    private static string Label(RunReport run) =>
        $"{run.Specification.Optimizer.Kind.Replace('-', ' ')}, η {NumberText.Short(run.AskedLearningRate)}";
}
