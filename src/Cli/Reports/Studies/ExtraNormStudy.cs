using CurvatureActors.Cli.Reports.Figures;

namespace CurvatureActors.Cli.Reports.Studies;

/// <summary>Normalisation after each residual addition of a deep net (example of the same authors, see docs/studies.md).</summary>
internal sealed class ExtraNormStudy : IStudy
{
    /// <summary>Factor on lambda1 at initialisation from which on it counts as huge.</summary>
    public const double Huge = 100;

    public string Name => "extra-norm";

    public string Title => "Normalisation after each residual addition";

    public string Claim =>
        "BatchNorm after each residual addition of a deep net makes the curvature at initialisation huge (above 1e10 in the example of "
        + "the authors of Gilmer et al. 2021); warmup does not help there, clipping does.";

    public IEnumerable<Figure> Figures(ReportData data)
    {
        yield return SeriesFigure.Draw(
            "study-extra-norm-lambda1", "Curvature over the first steps",
            new SeriesAxis(AxisScale.SquareRoot, "step (square-root scale)"), new SeriesAxis(AxisScale.Log, "curvature λ1"),
            [.. data.Runs.Select(run => new Series(Words(run), [.. run.Measurements.Rows.Select(row => ((double)row.Step, row.Measurement.Lambda1))]))]);
        yield return SeriesFigure.Draw(
            "study-extra-norm-loss", "Loss", new SeriesAxis(AxisScale.SquareRoot, "step (square-root scale)"),
            new SeriesAxis(AxisScale.Log, "loss of the batch, nats"),
            [.. data.Runs.Select(run => new Series(Words(run), [.. run.Steps.Rows.Select(row => ((double)row.Step, row.Metrics.Loss))]))],
            markers: false);
    }

    public Verdict Judge(ReportData data)
    {
        var table = new StudyTable("kind", "learning rate", "λ1 at initialisation", "ηλ1/2 at initialisation", "failed", "from step", "test accuracy");
        foreach (RunReport run in data.Runs)
        {
            table.Add(
                Words(run), run.AskedLearningRate, run.InitialLambda1(), run.InitialRatio(), run.IsOver() ? run.EverDiverged : null, run.Onset(),
                run.FinalAccuracy());
        }

        double[] usual = [.. data.Runs.Where(run => !HasExtra(run)).Select(StudyRuns.InitialLambda1).OfType<double>()];
        RunReport[] extra = [.. data.Runs.Where(HasExtra)];
        double[] lambdas = [.. extra.Select(StudyRuns.InitialLambda1).OfType<double>()];
        RunReport[] warm = [.. extra.Where(run => run.IsWarm() && run.Specification.Training.ClipNorm is null)];
        RunReport[] clipped = [.. extra.Where(run => run.Specification.Training.ClipNorm is not null)];
        if (!data.AllOver() || usual.Length == 0 || lambdas.Length == 0 || warm.Length == 0 || clipped.Length == 0)
        {
            return new Verdict(
                null, "It takes runs without the extra normalisation, and with it under warmup and under clipping, all at their end.", table);
        }

        double factor = Statistics.Median(lambdas) / Statistics.Median(usual);
        int warmLost = warm.Count(run => run.EverDiverged);
        int clippedLost = clipped.Count(run => run.EverDiverged);
        return new Verdict(
            factor >= Huge && warmLost == warm.Length && clippedLost == 0,
            $"With the extra normalisation λ1 at initialisation is {NumberText.Short(Statistics.Median(lambdas))}, {NumberText.Short(factor)} times that without "
            + $"(huge from {NumberText.Short(Huge)} times on); {warmLost} of {NumberText.Count(warm.Length, "run")} with warmup failed (claimed: all), and "
            + $"{clippedLost} of {clipped.Length} with clipping (claimed: none).",
            table);
    }

    private static bool HasExtra(RunReport run) => run.Specification.Model.WideResNet is { ExtraNormalization: not "none" };

    private static string Words(RunReport run) => (HasExtra(run) ? "extra norm" : "usual")
        + (run.IsWarm() ? ", warmup" : "") + (run.Specification.Training.ClipNorm is null ? "" : ", clipping");
}
