using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Cli.Reports.Figures;
using ScottPlot;

namespace CurvatureActors.Cli.Reports.Studies;

/// <summary>lambda1 against learning rate at initialisation and in mid-training (Gilmer et al. 2021, figure 1).</summary>
internal sealed class ScatterStudy : IStudy
{
    /// <summary>Share of the survivors at or below the line from which on the claim counts as met.</summary>
    public const double EnoughBelow = 0.8;

    public string Name => "scatter";

    public string Title => "Curvature against learning rate";

    public string Claim =>
        "Runs that survive sit at or below λ1 = 2/η in mid-training, wherever they began; of those that begin above the line, "
        + "fewer fail with warmup than without (Gilmer et al. 2021, figure 1 and section 3).";

    public IEnumerable<Figure> Figures(ReportData data)
    {
        yield return ScatterFigure.AtInitialisation(data) is var first ? first with { Name = "study-" + first.Name } : first;
        yield return ScatterFigure.InMidTraining(data) is var middle ? middle with { Name = "study-" + middle.Name } : middle;
        yield return Failures(data);
    }

    public Verdict Judge(ReportData data)
    {
        var table = new StudyTable(
            "model", "runs", "above 2/η at the start, no warmup", "of these failed", "above, with warmup", "of these failed, with warmup",
            "below 2/η at the start", "of these failed, from below", "survivors measured in mid-training", "at or below 2/η", "at or below the own threshold");
        foreach (IGrouping<string, RunReport> model in data.Runs.GroupBy(run => run.Specification.Model.Kind))
        {
            Row(table, model.Key, [.. model]);
        }

        Row(table, "all", [.. data.Runs]);
        RunReport[] cold = [.. Above(data.Runs).Where(run => !run.IsWarm())];
        RunReport[] warm = [.. Above(data.Runs).Where(run => run.IsWarm())];
        MeasurementRow[] middle = Middle(data.Runs);
        if (!data.AllOver() || cold.Length == 0 || warm.Length == 0 || middle.Length == 0)
        {
            return new Verdict(
                null, "It takes runs above the line with and without warmup, all at their end, and survivors measured in mid-training.", table);
        }

        double below = Share(middle.Count(Below), middle.Length);
        double own = Share(middle.Count(row => row.Measurement.StabilityRatio <= 1), middle.Length);
        double without = Share(cold.Count(run => run.EverDiverged), cold.Length);
        double with = Share(warm.Count(run => run.EverDiverged), warm.Length);
        int models = data.Runs.Select(run => run.Specification.Model.Kind).Distinct().Count();
        return new Verdict(
            below >= EnoughBelow && with < without,
            $"{NumberText.Percent(below)} of {middle.Length} survivors lay at or below 2/η in mid-training (asked for: "
            + $"{NumberText.Percent(EnoughBelow)}), {NumberText.Percent(own)} at or below the optimizer's own threshold. Of the runs that "
            + $"began above 2/η, {NumberText.Percent(without)} of {cold.Length} failed without warmup and {NumberText.Percent(with)} of "
            + $"{warm.Length} with it ({NumberText.Count(models, "architecture")}).",
            table);
    }

    private static void Row(StudyTable table, string name, RunReport[] runs)
    {
        RunReport[] cold = [.. Above(runs).Where(run => !run.IsWarm())];
        RunReport[] warm = [.. Above(runs).Where(run => run.IsWarm())];
        RunReport[] below = [.. runs.Where(run => run.InitialRatio() <= 1)];
        MeasurementRow[] middle = Middle(runs);
        table.Add(
            name, runs.Length, cold.Length, Lost(cold), warm.Length, Lost(warm), below.Length, Lost(below), middle.Length,
            middle.Count(Below), middle.Count(row => row.Measurement.StabilityRatio <= 1));

        static int Lost(RunReport[] some) => some.Count(run => run.EverDiverged);
    }

    /// <summary>The share that failed against how far above the line they began, in steps of a factor of three.</summary>
    private static Figure Failures(ReportData data)
    {
        var chart = new Chart(AxisScale.Log, "ηλ1/2 at initialisation", AxisScale.Linear, "runs that failed, %");
        RunReport[] known = [.. data.Runs.Where(run => run.IsOver() && run.InitialRatio() > 0)];
        (double low, double high) = Chart.LogRange(known.Select(run => run.InitialRatio()!.Value).Append(1), 0.1) ?? (0.1, 10);
        chart.Span((low, high), (-4, 104));
        chart.Line([(1, -4), (1, 104)], FigureColors.Ink, "λ1 = 2/η", 1.6f, LinePattern.DenselyDashed);
        foreach ((bool warm, Color color, string words) in new[]
        {
            (false, FigureColors.Vermilion, "without warmup"), (true, FigureColors.Blue, "with warmup"),
        })
        {
            (double, double)[] points =
            [
                .. known.Where(run => run.IsWarm() == warm)
                    .GroupBy(run => Math.Round(Math.Log(run.InitialRatio()!.Value, 3)))
                    .OrderBy(bin => bin.Key)
                    .Select(bin => (Math.Exp(bin.Average(run => Math.Log(run.InitialRatio()!.Value))),
                        100 * Share(bin.Count(run => run.EverDiverged), bin.Count()))),
            ];
            chart.Line(points, color.WithAlpha(.7), null, 1.8f);
            chart.Points(points, Symbol.Disc, color, words, 9);
        }

        if (known.Length == 0)
        {
            chart.Nothing("no run has come to its end");
        }

        return chart.Finish(
            "study-scatter-failures", "Failures against the start above the line",
            $"Share of runs that failed against eta lambda1(0) / 2, with and without warmup, {NumberText.Count(known.Length, "run")}.");
    }

    private static IEnumerable<RunReport> Above(IEnumerable<RunReport> runs) => runs.Where(run => run.InitialRatio() > 1);

    private static bool Below(MeasurementRow row) => row.Measurement.Lambda1 * row.Measurement.LearningRate <= 2;

    private static MeasurementRow[] Middle(IEnumerable<RunReport> runs) =>
        [.. runs.Where(run => run.Survived()).Select(run => run.MiddleMeasurement).OfType<MeasurementRow>()];

    private static double Share(int some, int all) => (double)some / all;
}
