using CurvatureActors.Cli.Reports.Figures;

namespace CurvatureActors.Cli.Reports.Studies;

/// <summary>Treatments of early instability side by side, each with and without warmup (Gilmer et al. 2021, table 1).</summary>
internal sealed class MitigationsStudy : IStudy
{
    public string Name => "mitigations";

    public string Title => "Warmup against other cures";

    public string Claim =>
        "Warmup stabilises training as well as BatchNorm, LayerNorm, MetaInit, GradInit and Fixup; clipping and a smaller initial "
        + "scale act through the same cause (Gilmer et al. 2021, section 3 and table 1).";

    public IEnumerable<Figure> Figures(ReportData data)
    {
        string[] treatments = [.. Cells(data).Select(cell => cell.Treatment).Distinct()];
        foreach (bool warm in new[] { false, true })
        {
            yield return SeriesFigure.Draw(
                $"study-mitigations-{(warm ? "warmup" : "cold")}", $"Accuracy against learning rate, {(warm ? "with" : "without")} warmup",
                new SeriesAxis(AxisScale.Log, "learning rate η"), new SeriesAxis(AxisScale.Linear, "mean test accuracy, %"),
                [
                    .. treatments.Select(treatment => new Series(
                        treatment == "none" ? "no treatment" : treatment,
                        [
                            .. data.Runs.Where(run => run.IsWarm() == warm && StudyRuns.Treatment(run, withWarmup: false) == treatment)
                                .GroupBy(run => run.AskedLearningRate).OrderBy(rate => rate.Key)
                                .Select(rate => (rate.Key, 100 * rate.Average(run => run.FinalAccuracy() ?? 0))),
                        ])),
                ]);
        }
    }

    public Verdict Judge(ReportData data)
    {
        var table = new StudyTable(
            "treatment", "warmup", "runs", "λ1 at initialisation", "largest stable rate", "best rate", "best accuracy", "standard error", "diverged");
        Cell[] cells = Cells(data);
        foreach (Cell cell in cells)
        {
            table.Add(
                cell.Treatment, cell.Warm, cell.Runs, cell.Lambda1, cell.Stable, cell.Rate, cell.Accuracy, cell.Error, cell.Lost);
        }

        Cell? plain = cells.FirstOrDefault(cell => cell is { Treatment: "none", Warm: false });
        Cell? warmup = cells.FirstOrDefault(cell => cell is { Treatment: "none", Warm: true });
        Cell[] others = [.. cells.Where(cell => !cell.Warm && cell.Treatment != "none")];
        if (!data.AllOver() || plain is null || warmup is null || others.Length == 0)
        {
            return new Verdict(null, "It takes runs without any treatment, with warmup alone and with others, all at their end.", table);
        }

        Cell best = others.MaxBy(cell => cell.Accuracy)!;
        // Two standard errors of the difference of two means.
        double noise = 2 * Math.Sqrt((best.Error * best.Error) + (warmup.Error * warmup.Error));
        return new Verdict(
            warmup.Accuracy >= best.Accuracy - noise,
            $"The best accuracy with warmup alone is {NumberText.Percent(warmup.Accuracy)} (without anything {NumberText.Percent(plain.Accuracy)}); the best of the "
            + $"other treatments without warmup, {best.Treatment}, has {NumberText.Percent(best.Accuracy)}, with a noise of two standard errors of "
            + $"{NumberText.Percent(noise)} over seeds. Largest stable rates without warmup: "
            + string.Join(", ", cells.Where(cell => !cell.Warm).Select(cell => $"{cell.Treatment} {NumberText.Short(cell.Stable)}"))
            + $"; warmup alone {NumberText.Short(warmup.Stable)}.",
            table);
    }

    private static Cell[] Cells(ReportData data) =>
    [
        .. data.Runs.GroupBy(run => (Treatment: StudyRuns.Treatment(run, withWarmup: false), Warm: run.IsWarm())).Select(group =>
        {
            (double Rate, double Accuracy) best = StudyRuns.BestRate(group)!.Value;
            double[] there = [.. group.Where(run => run.AskedLearningRate == best.Rate).Select(run => run.FinalAccuracy() ?? 0)];
            double[] lambdas = [.. group.Select(StudyRuns.InitialLambda1).OfType<double>()];
            return new Cell(
                group.Key.Treatment, group.Key.Warm, group.Count(), lambdas.Length == 0 ? null : Statistics.Median(lambdas),
                StudyRuns.LargestStableRate(group), best.Rate, best.Accuracy, Statistics.StandardError(there), group.Count(run => run.EverDiverged));
        }),
    ];

    private sealed record Cell(
        string Treatment, bool Warm, int Runs, double? Lambda1, double? Stable, double Rate, double Accuracy, double Error, int Lost);
}
