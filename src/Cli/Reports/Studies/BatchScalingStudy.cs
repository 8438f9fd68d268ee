using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Cli.Reports.Figures;

namespace CurvatureActors.Cli.Reports.Studies;

/// <summary>Steps to a target loss against batch size, the rate tuned for each (Gilmer et al. 2021, section 5).</summary>
internal sealed class BatchScalingStudy : IStudy
{
    private const double Smoothing = 0.1;

    public string Name => "batch-scaling";

    public string Title => "Steps to a target loss against batch size";

    public string Claim =>
        "With the rate tuned for each batch size, a sharply curved model stops gaining from larger batches earlier than one that "
        + "is not, because the rate cannot grow with the batch; warmup restores the gain (Gilmer et al. 2021, section 5).";

    public IEnumerable<Figure> Figures(ReportData data)
    {
        Group[] groups = Groups(data, out double target);
        yield return SeriesFigure.Draw(
            "study-batch-scaling", $"Steps to a smoothed loss of {NumberText.Short(target)}",
            new SeriesAxis(AxisScale.Log, "batch size, examples"), new SeriesAxis(AxisScale.Log, "steps at the best rate"),
            [.. groups.Select(group => new Series(group.Words, [.. group.Points.Where(point => point.Steps is not null).Select(point => ((double)point.Batch, (double)point.Steps!.Value))]))]);
    }

    public Verdict Judge(ReportData data)
    {
        var table = new StudyTable("model", "λ1 at initialisation", "warmup", "batch size", "best rate", "steps to the target");
        Group[] groups = Groups(data, out double target);
        foreach (Group group in groups)
        {
            foreach ((int batch, int? steps, double? rate) in group.Points)
            {
                table.Add(group.Words, group.Lambda1, group.Warm, batch, rate, steps);
            }
        }

        Group[] cold = [.. groups.Where(group => group is { Warm: false, Lambda1: not null, Gain: not null }).OrderBy(group => group.Lambda1)];
        Group? warm = cold.Length == 0 ? null : groups.FirstOrDefault(group => group.Warm && group.Model == cold[^1].Model && group.Gain is not null);
        if (!data.AllOver() || cold.Length < 2 || warm is null)
        {
            return new Verdict(
                null, "It takes a model of low and one of high curvature, the latter with warmup too, at several batch sizes, all at their end and at the target.",
                table);
        }

        return new Verdict(
            cold[^1].Gain < cold[0].Gain && warm.Gain > cold[^1].Gain,
            $"From the smallest to the largest batch the steps to a smoothed loss of {NumberText.Short(target)} shrink by a factor of "
            + $"{NumberText.Short(cold[0].Gain)} for the model of low curvature ({cold[0].Words}, λ1 = {NumberText.Short(cold[0].Lambda1)}), of "
            + $"{NumberText.Short(cold[^1].Gain)} for that of high curvature ({cold[^1].Words}, λ1 = {NumberText.Short(cold[^1].Lambda1)}), and of "
            + $"{NumberText.Short(warm.Gain)} for the latter with warmup.",
            table);
    }

    /// <summary>The target is the lowest loss that every model reaches at every batch size with one of its rates.</summary>
    private static Group[] Groups(ReportData data, out double target)
    {
        var cells = data.Runs.GroupBy(run => (Model: Model(run), Warm: run.IsWarm(), Batch: run.Specification.Training.BatchSize)).ToArray();
        double level = cells.Length == 0 ? double.NaN
            : cells.Max(cell => cell.Where(StudyRuns.Survived).SelectMany(Smoothed).Select(point => point.Loss).DefaultIfEmpty(double.NegativeInfinity).Min());
        target = level;
        return
        [
            .. cells.GroupBy(cell => (cell.Key.Model, cell.Key.Warm)).Select(group =>
            {
                RunReport first = group.First().First();
                return new Group(
                    group.Key.Model, data.Series(first, ReportData.LearningRateKey, "seed", "training.batch-size"), first.InitialLambda1(), group.Key.Warm,
                    [
                        .. group.OrderBy(cell => cell.Key.Batch).Select(cell =>
                        {
                            (int Steps, double Rate)? best = cell.Where(StudyRuns.Survived)
                                .Select(run => (Steps: Smoothed(run).Where(point => point.Loss <= level).Select(point => (int?)point.Step).FirstOrDefault(), run.AskedLearningRate))
                                .Where(entry => entry.Steps is not null)
                                .Select(entry => ((int, double)?)(entry.Steps!.Value, entry.AskedLearningRate)).MinBy(entry => entry!.Value.Item1);
                            return (cell.Key.Batch, best?.Steps, best?.Rate);
                        }),
                    ]);
            }),
        ];
    }

    private static string Model(RunReport run) => (run.Specification with
    {
        Optimizer = run.Specification.Optimizer with { LearningRate = 1 },
        Schedule = run.Specification.Schedule with { WarmupSteps = 0 },
        Training = run.Specification.Training with { BatchSize = 1 },
    }).Identity();

    /// <summary>The loss of the batches, exponentially averaged, with the number of steps made.</summary>
    private static IEnumerable<(int Step, double Loss)> Smoothed(RunReport run)
    {
        double? smooth = null;
        foreach (StepRow row in run.Steps.Rows)
        {
            smooth = smooth is { } before ? ((1 - Smoothing) * before) + (Smoothing * row.Metrics.Loss) : row.Metrics.Loss;
            yield return (row.Step + 1, smooth.Value);
        }
    }

    private sealed record Group(string Model, string Words, double? Lambda1, bool Warm, IReadOnlyList<(int Batch, int? Steps, double? Rate)> Points)
    {
        /// <summary>Steps at the smallest batch over steps at the largest; null for one size, or where the target is not reached.</summary>
        public double? Gain => Points.Count < 2 ? null : (double?)Points[0].Steps / Points[^1].Steps;
    }
}
