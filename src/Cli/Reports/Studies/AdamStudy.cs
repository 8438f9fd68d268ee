using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Cli.Reports.Figures;

namespace CurvatureActors.Cli.Reports.Studies;

/// <summary>The scatter for Adam with the curvature that its preconditioner sees; the paper leaves this open.</summary>
internal sealed class AdamStudy : IStudy
{
    public string Name => "adam";

    public string Title => "Preconditioned curvature against learning rate under Adam";

    public string Claim =>
        "Nothing is claimed: whether Adam's runs behave towards 38/η, the threshold of its preconditioned curvature, as those of gradient "
        + "descent do towards 2/η is left open by Gilmer et al. 2021 (section 6). What is seen is reported.";

    public IEnumerable<Figure> Figures(ReportData data)
    {
        yield return Draw(data, "study-adam-early", "At the first measurement with a preconditioner", Early);
        yield return Draw(data, "study-adam-middle", "In mid-training", Middle);
    }

    public Verdict Judge(ReportData data)
    {
        var table = new StudyTable(
            "model", "warmup", "runs", "failed", "first ratio above 1", "of these failed", "first ratio at or below 1", "of these failed, from below",
            "survivors measured in mid-training", "at or below the threshold", "median ratio in mid-training");
        foreach (IGrouping<(string Kind, bool Warm), RunReport> group in data.Runs.GroupBy(run => (run.Specification.Model.Kind, run.IsWarm())))
        {
            Row(table, group.Key.Kind, group.Key.Warm, [.. group]);
        }

        RunReport[] cold = [.. data.Runs.Where(run => !run.IsWarm())];
        RunReport[] above = [.. data.Runs.Where(run => Early(run)?.Measurement.StabilityRatio > 1)];
        RunReport[] below = [.. data.Runs.Where(run => Early(run)?.Measurement.StabilityRatio <= 1)];
        double[] middle = Survivors(data.Runs);
        if (middle.Length == 0)
        {
            return new Verdict(null, "No survivor has a preconditioned curvature measured in mid-training yet.", table);
        }

        RunReport[] warm = [.. data.Runs.Where(run => run.IsWarm())];
        return new Verdict(
            null,
            $"{middle.Count(ratio => ratio <= 1)} of {NumberText.Count(middle.Length, "survivor")} lay at or below the threshold of the preconditioned curvature in "
            + $"mid-training, the median at {NumberText.Short(Statistics.Median(middle))} of it. Of {NumberText.Count(above.Length, "run")} first measured above it "
            + $"{above.Count(run => run.EverDiverged)} failed, of {below.Length} first measured below it {below.Count(run => run.EverDiverged)}; without warmup "
            + $"{cold.Count(run => run.EverDiverged)} of {cold.Length} failed, with it {warm.Count(run => run.EverDiverged)} of {warm.Length}.",
            table);
    }

    private static void Row(StudyTable table, string model, bool warm, RunReport[] runs)
    {
        RunReport[] above = [.. runs.Where(run => Early(run)?.Measurement.StabilityRatio > 1)];
        RunReport[] below = [.. runs.Where(run => Early(run)?.Measurement.StabilityRatio <= 1)];
        double[] middle = Survivors(runs);
        table.Add(
            model, warm, runs.Length, runs.Count(run => run.EverDiverged), above.Length, above.Count(run => run.EverDiverged), below.Length,
            below.Count(run => run.EverDiverged), middle.Length, middle.Count(ratio => ratio <= 1), middle.Length == 0 ? null : Statistics.Median(middle));
    }

    private static Figure Draw(ReportData data, string name, string title, Func<RunReport, MeasurementRow?> select)
    {
        (RunReport Run, MeasurementRow Row)[] shown =
            [.. data.Runs.Select(run => (Run: run, Row: select(run))).Where(pair => pair.Row is not null).Select(pair => (pair.Run, pair.Row!))];
        double[] rates = [.. shown.Select(pair => pair.Row.Measurement.LearningRate).Where(rate => rate > 0).DefaultIfEmpty(1e-3)];
        var chart = new Chart(AxisScale.Log, "learning rate η at that step", AxisScale.Log, "preconditioned curvature λ1");
        (double Low, double High) x = Chart.LogRange(rates, 0.15) ?? (1e-4, 1e-1);
        chart.Span(x, Chart.LogRange(
            shown.Select(pair => pair.Row.Measurement.PreconditionedLambda1!.Value).Concat([38 / rates.Min(), 38 / rates.Max()]), 0.1) ?? (1, 1e5));
        chart.Line([(x.Low, 38 / x.Low), (x.High, 38 / x.High)], FigureColors.Ink, "38/η", 1.6f, ScottPlot.LinePattern.DenselyDashed);
        foreach (var fate in shown.GroupBy(pair => pair.Run.Fate).OrderBy(group => group.Key))
        {
            foreach (bool warm in new[] { false, true })
            {
                chart.Points(
                    fate.Where(pair => pair.Run.IsWarm() == warm).Select(pair => (pair.Row.Measurement.LearningRate, pair.Row.Measurement.PreconditionedLambda1!.Value)),
                    warm && fate.Key is Fate.Completed ? Symbol.Ring : Symbol.Of(fate.Key), FigureColors.Of(fate.Key), null, warm ? 14 : 9);
            }

            chart.Legend(Symbol.Of(fate.Key), FigureColors.Of(fate.Key), fate.Key.Word(), 9);
        }

        chart.Legend(Symbol.Ring, FigureColors.Quiet, "large: warmup", 10);
        if (shown.Length == 0)
        {
            chart.Nothing("no preconditioned curvature was measured here");
        }

        return chart.Finish(name, $"Adam: {title.ToLowerInvariant()}", $"{title}: preconditioned lambda1 against learning rate with the line 38/eta, {shown.Length} runs.");
    }

    private static double[] Survivors(IEnumerable<RunReport> runs) =>
        [.. runs.Where(run => run.Survived()).Select(run => Middle(run)?.Measurement.StabilityRatio).OfType<double>()];

    private static MeasurementRow? Early(RunReport run) => run.Measurements.Rows.FirstOrDefault(Has);

    private static MeasurementRow? Middle(RunReport run) => run.MiddleMeasurement is { } row && Has(row) ? row : null;

    private static bool Has(MeasurementRow row) =>
        row.Measurement is { StabilityRatio: { } ratio, PreconditionedLambda1: { } lambda } && double.IsFinite(ratio) && double.IsFinite(lambda);
}
