using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Cli.Reports.Studies;

/// <summary>Questions that several studies ask of runs.</summary>
internal static class StudyRuns
{
    /// <summary>Whether a run has come to an end that says something about it.</summary>
    public static bool IsOver(this RunReport run) => run.Fate is Fate.Completed or Fate.Rescued or Fate.Diverged;

    /// <summary>Whether all have, and there are any.</summary>
    public static bool AllOver(this ReportData data) => data.Runs.Count > 0 && data.Runs.All(IsOver);

    /// <summary>
    /// Says how many runs are not over and why, where there are any: what a study then says is about a part of its experiment.
    /// Null when all are.
    /// </summary>
    public static string? Missing(this ReportData data)
    {
        RunReport[] missing = [.. data.Runs.Where(run => !run.IsOver())];
        return missing.Length == 0
            ? null
            : $"{missing.Length} of {NumberText.Count(data.Runs.Count, "run")} {(missing.Length == 1 ? "is" : "are")} missing ("
                + string.Join(", ", missing.GroupBy(run => run.Fate).OrderBy(group => group.Key).Select(group => $"{group.Count()} {group.Key.Word()}"))
                + "), so this is about a part of the experiment.";
    }

    /// <summary>Whether it reached its last step.</summary>
    public static bool Survived(this RunReport run) => run.Fate is Fate.Completed or Fate.Rescued;

    /// <summary>Whether a warmup was asked for.</summary>
    public static bool IsWarm(this RunReport run) => run.Specification.Schedule.WarmupSteps > 0;

    /// <summary>Curvature at initialisation; null when it was not measured.</summary>
    public static double? InitialLambda1(this RunReport run) => run.InitialMeasurement?.Measurement.Lambda1;

    /// <summary>eta lambda1(0) / 2: above 1 a run starts above the paper's line at its peak rate. Null when not measured.</summary>
    public static double? InitialRatio(this RunReport run) => run.InitialLambda1() * run.AskedLearningRate / 2;

    /// <summary>
    /// Where the first attempt of a run went wrong: the first step whose loss is not finite or above twice the first loss;
    /// of a silent failure, the step from which on its loss never left that of its verdict by more than 5 %, if that is
    /// earlier; and otherwise the step of the verdict. Null when no rule found it diverging.
    /// </summary>
    public static int? Onset(this RunReport run)
    {
        if (!run.EverDiverged)
        {
            return null;
        }

        DivergenceVerdict verdict = run.State.Attempts.First(attempt => attempt.Verdict is not null).Verdict!;
        StepRow[] first = [.. run.AllSteps().Where(row => row.Attempt == 1 && row.Step <= verdict.Step).OrderBy(row => row.Step)];
        int bad = first.FirstOrDefault(row => !(row.Metrics.Loss <= 2 * first[0].Metrics.Loss))?.Step ?? verdict.Step;
        return Math.Min(bad, verdict.Rule == "silent-failure" ? Stuck([.. first.Select(row => row.Metrics)]) : verdict.Step);
    }

    /// <summary>The step from which on the loss never left that of its last ten steps (their median) by more than 5 %.</summary>
    public static int Stuck(IReadOnlyList<StepMetrics> steps)
    {
        double end = Statistics.Median(steps.TakeLast(10).Select(step => step.Loss));
        return steps.Where(step => !(Math.Abs((step.Loss / end) - 1) <= 0.05)).Select(step => step.Step + 1).LastOrDefault();
    }

    /// <summary>The steps of all attempts, abandoned ones too.</summary>
    public static IEnumerable<StepRow> AllSteps(this RunReport run) =>
        run.Steps.Rows.Concat(run.Steps.Abandoned.SelectMany(tail => tail.Rows));

    /// <summary>Accuracy on the test set at the end; null for a run that did not reach it.</summary>
    public static double? FinalAccuracy(this RunReport run) =>
        run.Survived() && run.Evaluation is { } end && double.IsFinite(end.Accuracy) ? end.Accuracy : null;

    /// <summary>
    /// The largest rate at which, as at every lower one, no run ever diverged; null when they did at the lowest already.
    /// </summary>
    public static double? LargestStableRate(IEnumerable<RunReport> runs) => runs
        .GroupBy(run => run.AskedLearningRate).OrderBy(group => group.Key)
        .TakeWhile(group => group.All(run => !run.EverDiverged))
        .Select(group => (double?)group.Key).LastOrDefault();

    /// <summary>The rate with the best mean accuracy over its runs, failed ones counting as 0, and that accuracy.</summary>
    public static (double Rate, double Accuracy)? BestRate(IEnumerable<RunReport> runs) => runs
        .GroupBy(run => run.AskedLearningRate)
        .Select(group => ((double, double)?)(group.Key, group.Average(run => run.FinalAccuracy() ?? 0)))
        .MaxBy(pair => pair!.Value.Item2);

    /// <summary>What was varied, except the named keys, in words: the name of a series. "all" when nothing else was.</summary>
    public static string Series(this ReportData data, RunReport run, params string[] except)
    {
        IReadOnlyDictionary<string, string> mine = run.View.Accepted.Parameters;
        string text = string.Join(", ", mine.Keys
            .Where(key => !except.Contains(key)
                && data.Runs.Select(other => other.View.Accepted.Parameters.GetValueOrDefault(key)).Distinct().Skip(1).Any())
            // The model comes first.
            .OrderBy(key => key != "model.kind").ThenBy(key => key, StringComparer.Ordinal)
            .Select(key => Words(key, mine[key])));
        return text.Length == 0 ? "all" : text;
    }

    private static string Words(string key, string value) => key switch
    {
        "model.kind" => value,
        "model.normalization" => value == "none" ? "no norm" : $"{value} norm",
        "model.init-scale" => $"scale {value}",
        "schedule.warmup-steps" => value == "0" ? "no warmup" : $"warmup {value}",
        _ => $"{key[(key.LastIndexOf('.') + 1)..].Replace('-', ' ')} {value}",
    };

    /// <summary>What keeps a run's early curvature or its effect in check, in words; "none" for nothing.</summary>
    /// <param name="run">The run.</param>
    /// <param name="withWarmup">Whether warmup is named.</param>
    public static string Treatment(RunReport run, bool withWarmup = true)
    {
        RunSpecification asked = run.Specification;
        string[] parts =
        [
            .. Part(asked.Model.Normalization switch { "batch" => "BatchNorm", "layer" => "LayerNorm", "group" => "GroupNorm", _ => null }),
            .. Part(asked.Model.Initialisation is { Kind: "fixup" } ? "Fixup" : null),
            .. Part(asked.Model.Initialisation?.MetaInit is null ? null : "MetaInit"),
            .. Part(asked.Model.Initialisation?.GradInit is null ? null : "GradInit"),
            .. Part(asked.Training.ClipNorm is null ? null : "clipping"),
            .. Part(asked.Model.InitScale < 1 ? $"initial scale {NumberText.Short(asked.Model.InitScale)}" : null),
            .. Part(withWarmup && run.IsWarm() ? "warmup" : null),
        ];
        return parts.Length == 0 ? "none" : string.Join(" + ", parts);

        static string[] Part(string? part) => part is null ? [] : [part];
    }
}
