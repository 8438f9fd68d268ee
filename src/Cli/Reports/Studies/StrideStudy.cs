using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Cli.Reports.Figures;

namespace CurvatureActors.Cli.Reports.Studies;

/// <summary>A wide residual net whose last group has stride 1 (example of the same authors, see docs/studies.md).</summary>
internal sealed class StrideStudy : IStudy
{
    /// <summary>Factor on lambda1 at initialisation that is claimed.</summary>
    public const double Factor = 10;

    /// <summary>A loss of more than this multiple of the first one in the first steps is a spike.</summary>
    public const double Spike = 1.5;

    /// <summary>Steps in which a spike is looked for.</summary>
    public const int FirstSteps = 20;

    /// <summary>Accuracy that is not told apart from noise, whatever the seeds say; their scatter may ask for more.</summary>
    public const double Noise = 0.01;

    public string Name => "stride";

    public string Title => "A stride of 1 in the last group";

    public string Claim =>
        "A wide residual net whose last group has stride 1 instead of 2 starts out with ten times the curvature or more, has a spike "
        + "in its first steps that hides by healing itself, and ends worse; warmup restores it (λ1 from 32 to 1052, error from "
        + "3.76 % to 7.26 %, with warmup 3.78 %, by the authors of Gilmer et al. 2021; a pool of fixed size before the classifier makes its "
        + "fan-in 81 times larger there).";

    public IEnumerable<Figure> Figures(ReportData data)
    {
        IGrouping<string, RunReport>[] kinds = [.. data.Runs.GroupBy(Words).OrderBy(kind => kind.Key)];
        yield return SeriesFigure.Draw(
            "study-stride-lambda1", "Curvature over the first steps",
            new SeriesAxis(AxisScale.SquareRoot, "step (square-root scale)"), new SeriesAxis(AxisScale.Log, "curvature λ1"),
            [.. kinds.Select(kind => new Series(kind.Key, [.. kind.First().Measurements.Rows.Select(row => ((double)row.Step, row.Measurement.Lambda1))]))],
            markers: false);
        yield return SeriesFigure.Draw(
            "study-stride-loss", "Loss over the first steps",
            new SeriesAxis(AxisScale.Linear, "step"), new SeriesAxis(AxisScale.Log, "loss of the batch, nats"),
            [.. kinds.Select(kind => new Series(kind.Key, [.. First(kind.First()).Select(row => ((double)row.Step, row.Metrics.Loss))]))],
            markers: false);
    }

    public Verdict Judge(ReportData data)
    {
        var table = new StudyTable("kind", "runs", "λ1 at initialisation", "highest loss of the first steps / first", "failed", "test accuracy");
        foreach (IGrouping<string, RunReport> kind in data.Runs.GroupBy(Words))
        {
            table.Add(kind.Key, kind.Count(), Mean(kind.Select(StudyRuns.InitialLambda1)), Mean(kind.Select(Peak)), kind.Count(run => run.EverDiverged), End(kind));
        }

        RunReport[] Of(bool narrow, bool warm) => [.. data.Runs.Where(run => IsOne(run) == narrow && run.IsWarm() == warm)];
        double? before = Mean(Of(false, false).Select(StudyRuns.InitialLambda1));
        double? after = Mean(Of(true, false).Select(StudyRuns.InitialLambda1));
        double? peak = Mean(Of(true, false).Select(Peak));
        double? usual = End(Of(false, false));
        double? worse = End(Of(true, false));
        double? restored = End(Of(true, true));
        if (!data.AllOver() || before is null || after is null || peak is null || usual is null || worse is null || restored is null)
        {
            return new Verdict(
                null, "It takes runs with stride 1 and 2 in the last group, without warmup, and stride 1 with it, all at their end.", table);
        }

        bool sharper = after >= Factor * before;
        bool spikes = peak >= Spike;
        double noise = Scatter(Of(false, false), Of(true, false));
        bool harmed = worse < usual - noise;
        bool cured = restored >= usual - Scatter(Of(false, false), Of(true, true));
        return new Verdict(
            sharper && spikes && harmed && cured,
            $"λ1 at initialisation {NumberText.Short(before)} becomes {NumberText.Short(after)} (a factor of {NumberText.Short(after / before)}, claimed "
            + $"{Factor} or more: {Said(sharper)}); the loss of the first {FirstSteps} steps goes up to {NumberText.Short(peak)} times the first one (a spike from "
            + $"{NumberText.Short(Spike)} on: {Said(spikes)}); accuracy {NumberText.Percent(usual)} becomes {NumberText.Percent(worse)} (worse by more than "
            + $"{NumberText.Percent(noise)}, the noise: {Said(harmed)}) and with warmup {NumberText.Percent(restored)} (restored: {Said(cured)}).",
            table);

        static string Said(bool holds) => holds ? "yes" : "no";
    }

    private static bool IsOne(RunReport run) => run.Specification.Model.WideResNet is { } net && net.Strides[^1] == 1;

    private static string Words(RunReport run) => $"last stride {(IsOne(run) ? 1 : 2)}{(run.IsWarm() ? ", warmup" : "")}";

    private static StepRow[] First(RunReport run) =>
        [.. run.AllSteps().Where(row => row.Attempt == 1 && row.Step <= FirstSteps).OrderBy(row => row.Step)];

    private static double? Peak(RunReport run) => First(run) is { Length: > 0 } rows
        ? rows.Max(row => double.IsNaN(row.Metrics.Loss) ? double.PositiveInfinity : row.Metrics.Loss) / rows[0].Metrics.Loss
        : null;

    private static double? End(IEnumerable<RunReport> runs) => Mean(runs.Select(run => (double?)(run.FinalAccuracy() ?? 0)));

    /// <summary>Two standard errors of the difference of the mean accuracies of two kinds of run, and at least <see cref="Noise"/>.</summary>
    private static double Scatter(RunReport[] a, RunReport[] b) =>
        Math.Max(Noise, 2 * Math.Sqrt(Error(a) + Error(b)));

    private static double Error(RunReport[] runs) => Math.Pow(Statistics.StandardError([.. runs.Select(run => run.FinalAccuracy() ?? 0)]), 2);

    private static double? Mean(IEnumerable<double?> values) => values.OfType<double>().ToArray() is { Length: > 0 } known ? known.Average() : null;
}
