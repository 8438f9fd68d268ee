using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Cli.Reports.Figures;

namespace CurvatureActors.Cli.Reports.Studies;

/// <summary>Learning rate against length of warmup (Gilmer et al. 2021, section 3 and appendix).</summary>
internal sealed class WarmupLengthStudy : IStudy
{
    /// <summary>Share of the measurements in the second half of a warmup that must lie at or below the line that comes down.</summary>
    public const double EnoughBelow = 0.9;

    public string Name => "warmup-length";

    public string Title => "How long a warmup must be";

    public string Claim =>
        "The longer the warmup, the larger the rate that a sharply curved network can be taken to; while the rate rises, λ1 is "
        + "pushed down below the line 2/η that comes down with it (Gilmer et al. 2021, section 3).";

    public IEnumerable<Figure> Figures(ReportData data)
    {
        yield return SeriesFigure.Draw(
            "study-warmup-rate", "Largest stable rate against length of warmup",
            new SeriesAxis(AxisScale.SquareRoot, "steps of warmup (square-root scale)"), new SeriesAxis(AxisScale.Log, "largest stable learning rate"),
            [new Series(null, [.. Lengths(data).Select(length => ((double)length.Steps, length.Rate ?? double.NaN))])]);
        RunReport[] shown = [.. Followed(data).OrderBy(run => run.Specification.Schedule.WarmupSteps).ThenBy(run => run.AskedLearningRate).Take(7)];
        yield return SeriesFigure.Draw(
            "study-warmup-ratio", "Curvature under the falling line during warmup",
            new SeriesAxis(AxisScale.Linear, "share of the warmup done"), new SeriesAxis(AxisScale.Log, "ηλ1/2 at that step's rate"),
            [
                .. shown.Select(run => new Series(
                    $"{run.Specification.Schedule.WarmupSteps} steps to {NumberText.Short(run.AskedLearningRate)}",
                    [.. Warming(run).Select(row => ((double)row.Step / run.Specification.Schedule.WarmupSteps, Ratio(row)))])),
            ],
            [new Series("2/η", [(0, 1), (1, 1)])]);
    }

    public Verdict Judge(ReportData data)
    {
        var table = new StudyTable("warmup steps", "runs", "diverged", "largest stable rate", "best rate", "accuracy there");
        (int Steps, double? Rate)[] lengths = Lengths(data);
        foreach ((int steps, double? rate) in lengths)
        {
            RunReport[] runs = [.. data.Runs.Where(run => run.Specification.Schedule.WarmupSteps == steps)];
            (double Rate, double Accuracy)? best = StudyRuns.BestRate(runs);
            table.Add(steps, runs.Length, runs.Count(run => run.EverDiverged), rate, best?.Rate, best?.Accuracy);
        }

        if (!data.AllOver() || lengths.Length < 2)
        {
            return new Verdict(null, "It takes at least two lengths of warmup, all runs at their end.", table);
        }

        bool grows = lengths.Zip(lengths.Skip(1), (a, b) => (b.Rate ?? 0) >= (a.Rate ?? 0)).All(step => step)
            && (lengths[^1].Rate ?? 0) > (lengths[0].Rate ?? 0);
        double[] late = [.. Followed(data).SelectMany(run => Warming(run).Where(row => 2 * row.Step >= run.Specification.Schedule.WarmupSteps)).Select(Ratio)];
        double? below = late.Length == 0 ? null : (double)late.Count(ratio => ratio <= 1) / late.Length;
        string rates = string.Join(", ", lengths.Select(length =>
            $"{length.Steps} steps: {(length.Rate is null ? "none of those tried" : NumberText.Short(length.Rate))}"));
        return new Verdict(
            below is null ? grows ? null : false : grows && below >= EnoughBelow,
            $"The largest stable rate {(grows ? "grows" : "does not grow steadily")} with the length of the warmup ({rates}). "
            + (below is null
                ? "No run that warmup saved was measured in the second half of its warmup."
                : $"In the second half of the warmups that took runs safely to a rate above their starting line, {NumberText.Percent(below)} of "
                    + $"{late.Length} values of λ1 lay at or below 2/η at that step's rate (asked for: {NumberText.Percent(EnoughBelow)}), the median at "
                    + $"{NumberText.Short(Statistics.Median(late))} of it."),
            table);
    }

    private static (int Steps, double? Rate)[] Lengths(ReportData data) =>
    [
        .. data.Runs.GroupBy(run => run.Specification.Schedule.WarmupSteps).OrderBy(group => group.Key)
            .Select(group => (group.Key, StudyRuns.LargestStableRate(group))),
    ];

    /// <summary>Those that began above the line at their peak rate, were warmed up over some steps and never diverged.</summary>
    private static IEnumerable<RunReport> Followed(ReportData data) => data.Runs.Where(run =>
        run.Specification.Schedule.WarmupSteps >= 8 && run.InitialRatio() > 1 && run.Survived() && !run.EverDiverged);

    private static IEnumerable<MeasurementRow> Warming(RunReport run) => run.Measurements.Rows.Where(row =>
        row.Step < run.Specification.Schedule.WarmupSteps && double.IsFinite(row.Measurement.Lambda1));

    private static double Ratio(MeasurementRow row) => row.Measurement.Lambda1 * row.Measurement.LearningRate / 2;
}
