using CurvatureActors.Cli.Reports.Figures;

namespace CurvatureActors.Cli.Reports.Studies;

/// <summary>Best against largest stable learning rate per model (Gilmer et al. 2021, section 4).</summary>
internal sealed class BestRateStudy : IStudy
{
    /// <summary>Ratio of best to largest stable rate from which on they count as near one another: half.</summary>
    public const double Near = 0.5;

    public string Name => "best-rate";

    public string Title => "The best learning rate and the largest stable one";

    public string Claim =>
        "The best learning rate of a model that starts out sharply curved is almost always the largest one that does not "
        + "diverge (Gilmer et al. 2021, section 4): what limits the rate is stability, not what the problem would like.";

    public IEnumerable<Figure> Figures(ReportData data)
    {
        IGrouping<string, RunReport>[] models = [.. Models(data)];
        yield return SeriesFigure.Draw(
            "study-best-rate-accuracy", "Accuracy against learning rate",
            new SeriesAxis(AxisScale.Log, "learning rate η"), new SeriesAxis(AxisScale.Linear, "test accuracy at the end, %"),
            [
                .. models.Select(model => new Series(
                    model.Key,
                    [
                        .. model.GroupBy(run => run.AskedLearningRate).OrderBy(rate => rate.Key)
                            .Where(rate => rate.All(run => run.FinalAccuracy() is not null))
                            .Select(rate => (rate.Key, 100 * rate.Average(run => run.FinalAccuracy()!.Value))),
                    ])),
            ]);
        yield return SeriesFigure.Draw(
            "study-best-rate-ratio", "Best over largest stable rate against initial curvature",
            new SeriesAxis(AxisScale.Log, "λ1 at initialisation"), new SeriesAxis(AxisScale.Log, "best rate / largest stable rate"),
            [.. models.Select(model => Of(model)).Select(row => new Series(row.Model, row.Ratio is { } ratio ? [(row.Lambda1 ?? double.NaN, ratio)] : []))],
            [new Series("equal", [(Math.Max(models.Min(model => Of(model).Lambda1) ?? 1, 1e-3), 1), (Math.Max(models.Max(model => Of(model).Lambda1) ?? 10, 1e-2), 1)])]);
    }

    public Verdict Judge(ReportData data)
    {
        var table = new StudyTable(
            "model", "runs", "λ1 at initialisation", "2/λ1", "largest stable rate", "best rate", "accuracy there", "best / largest stable");
        Row[] rows = [.. Models(data).Select(model => Of(model)).OrderBy(row => row.Lambda1)];
        foreach (Row row in rows)
        {
            table.Add(row.Model, row.Runs, row.Lambda1, 2 / row.Lambda1, row.Stable, row.Best, row.Accuracy, row.Ratio);
        }

        Row[] known = [.. rows.Where(row => row is { Ratio: not null, Lambda1: not null })];
        if (!data.AllOver() || known.Length < 2)
        {
            return new Verdict(null, "It takes at least two models with a stable rate, all runs at their end.", table);
        }

        // Half of the models start with more curvature than the others: it is them that the claim is about.
        double middle = Statistics.Median(known.Select(row => row.Lambda1!.Value));
        Row[] high = [.. known.Where(row => row.Lambda1 >= middle)];
        int near = high.Count(row => row.Ratio >= Near);
        return new Verdict(
            near * 2 > high.Length && high.Length > 0 && near >= high.Length - 1,
            $"For {near} of {high.Length} models of high curvature (λ1 at initialisation of {NumberText.Short(middle)} or more) the best rate is at least "
            + $"{NumberText.Short(Near)} of the largest stable one (best / largest stable: "
            + string.Join(", ", known.Select(row => $"{row.Model} {NumberText.Short(row.Ratio)}")) + ").",
            table);
    }

    private static IEnumerable<IGrouping<string, RunReport>> Models(ReportData data) =>
        data.Runs.GroupBy(run => data.Series(run, ReportData.LearningRateKey, "seed"));

    private static Row Of(IGrouping<string, RunReport> model)
    {
        double[] lambdas = [.. model.Select(StudyRuns.InitialLambda1).OfType<double>()];
        double? stable = StudyRuns.LargestStableRate(model);
        (double Rate, double Accuracy)? best = StudyRuns.BestRate(model);
        return new Row(
            model.Key, model.Count(), lambdas.Length == 0 ? null : Statistics.Median(lambdas), stable, best?.Rate, best?.Accuracy, best?.Rate / stable);
    }

    private sealed record Row(string Model, int Runs, double? Lambda1, double? Stable, double? Best, double? Accuracy, double? Ratio);
}
