using CurvatureActors.Actors.Telemetry;

namespace CurvatureActors.Cli.Reports;

/// <summary>What the data say, in sentences. Nothing is claimed that was not measured.</summary>
internal static class Summary
{
    /// <summary>How the runs ended, in one sentence.</summary>
    public static string Headline(ReportData data)
    {
        RunReport[] Having(Fate fate) => [.. data.Runs.Where(run => run.Fate == fate)];
        var parts = new List<string>();
        Add(Having(Fate.Completed), _ => "completed as asked");
        Add(Having(Fate.Rescued), runs =>
            $"diverged and {Were(runs)} rescued ({NumberText.Count(runs.Sum(run => run.State.Restarts), "restart")})");
        Add(Having(Fate.Diverged), runs =>
            runs.All(run => run.Specification.Recovery.Enabled)
                ? "diverged and could not be rescued within " + (runs.Length == 1 ? "its budget" : "their budgets")
                : "diverged");
        Add(Having(Fate.Failed), _ => "failed with an error");
        Add(Having(Fate.Stopped), runs => $"{Were(runs)} stopped on request");
        Add(Having(Fate.Unfinished), runs => runs.Length == 1 ? "is not at its end yet" : "are not at their end yet");
        return $"{NumberText.Count(data.Runs.Count, "run")}: {(parts.Count == 0 ? "nothing was asked for" : string.Join(", ", parts))}.";

        void Add(RunReport[] runs, Func<RunReport[], string> words)
        {
            if (runs.Length > 0)
            {
                parts.Add($"{runs.Length} {words(runs)}");
            }
        }
    }

    /// <summary>What can be learnt, a sentence each; only those that the data support.</summary>
    public static IReadOnlyList<string> Findings(ReportData data) =>
    [
        .. new[] { AtInitialisation(data), Warmup(data), InMidTraining(data), Remedies(data), Best(data) }.OfType<string>(),
    ];

    private static string? AtInitialisation(ReportData data)
    {
        RunReport[] cold =
        [
            .. data.Runs.Where(run => run.Specification.Schedule.WarmupSteps == 0 && run.InitialMeasurement is not null),
        ];
        if (cold.Length == 0)
        {
            return null;
        }

        double[] lambdas = [.. cold.Select(run => run.InitialMeasurement!.Measurement.Lambda1).Order()];
        string lambda = NumberText.Short(lambdas[0]) == NumberText.Short(lambdas[^1])
            ? $"λ1 = {NumberText.Short(lambdas[0])}"
            : $"λ1 between {NumberText.Short(lambdas[0])} and {NumberText.Short(lambdas[^1])}";
        RunReport[] above = [.. cold.Where(Above)];
        RunReport[] below = [.. cold.Where(run => !Above(run))];
        string text = $"Without warmup, training starts at {lambda}. ";
        return text + string.Join("; ", new[] { Say(above, "above"), Say(below, "at or below") }.OfType<string>()) + ".";

        static bool Above(RunReport run) => run.AskedLearningRate * run.InitialMeasurement!.Measurement.Lambda1 > 2;

        static string? Say(RunReport[] runs, string where) => runs.Length == 0
            ? null
            : $"{Of(runs.Count(run => run.EverDiverged), runs.Length)} that started {where} the line 2/η diverged";
    }

    private static string? Warmup(ReportData data)
    {
        var told = new List<string>();
        int saved = 0;
        int pairs = 0;
        foreach (IGrouping<string, RunReport> same in data.Runs.GroupBy(WithoutWarmup))
        {
            RunReport? cold = same.FirstOrDefault(run => run.Specification.Schedule.WarmupSteps == 0);
            RunReport? warm = same.Where(run => run.Specification.Schedule.WarmupSteps > 0)
                .MaxBy(run => run.Specification.Schedule.WarmupSteps);
            if (cold is { EverDiverged: true } && warm is { State.Attempts.Count: > 0 })
            {
                pairs++;
                string at = $"At learning rate {NumberText.Short(cold.AskedLearningRate)} the run without warmup diverged at step "
                    + $"{cold.State.Attempts.First(attempt => attempt.Verdict is not null).Verdict!.Step}; ";
                if (!warm.EverDiverged)
                {
                    saved++;
                    told.Add($"{at}with {NumberText.Count(warm.Specification.Schedule.WarmupSteps, "step")} of warmup to the "
                        + "same rate it did not.");
                }
            }
        }

        return pairs == 0 ? null
            : saved == 0 ? $"Warmup as asked for did not prevent divergence in {Of(0, pairs)} where the run without it diverged."
            : told.Count <= 2 ? string.Join(" ", told)
            : $"Of {pairs} runs that diverged without warmup, {saved} did not diverge with warmup to the same rate.";
    }

    private static string? InMidTraining(ReportData data)
    {
        MeasurementRow[] rows =
        [
            .. data.Runs.Where(run => run.Fate is Fate.Completed or Fate.Rescued)
                .Select(run => run.MiddleMeasurement).OfType<MeasurementRow>(),
        ];
        if (rows.Length == 0)
        {
            return null;
        }

        int paper = rows.Count(row => row.Measurement.LearningRate * row.Measurement.Lambda1 <= 2);
        int own = rows.Count(row => row.Measurement.StabilityRatio <= 1);
        return $"Of the {NumberText.Count(rows.Length, "run")} that reached the end, {Number(paper)} lay at or below 2/η in "
            + $"mid-training and {Number(own)} at or below the optimizer's own threshold.";

        string Number(int count) => count == rows.Length ? "all" : count == 0 ? "none" : $"{count}";
    }

    private static string? Remedies(ReportData data)
    {
        (string Name, int Count)[] remedies =
        [
            .. data.Runs.SelectMany(run => run.State.Attempts).Select(attempt => attempt.Remedy?.Remedy).OfType<string>()
                .GroupBy(name => name).Select(group => (group.Key, group.Count())).OrderByDescending(remedy => remedy.Item2),
        ];
        int measured = data.Runs.SelectMany(run => run.State.Attempts).Count(attempt => attempt.Remedy?.Lambda1 is not null);
        return remedies.Length == 0 ? null
            : "Remedies applied: " + string.Join(", ", remedies.Select(remedy => $"{remedy.Name} ({remedy.Count}×)")) + "; "
                + (measured == 0 ? "none" : $"{measured}") + " of them used a measured λ1.";
    }

    private static string? Best(ReportData data)
    {
        RunReport? best = data.Runs
            .Where(run => run.Fate is Fate.Completed or Fate.Rescued && run.Evaluation is { } e && double.IsFinite(e.Accuracy))
            .MaxBy(run => run.Evaluation!.Accuracy);
        return best is null || data.Runs.Count == 1 ? null
            : $"The best test accuracy, {NumberText.Percent(best.Evaluation!.Accuracy)}, was reached by {best.Name}"
                + (best.LastLearningRate is { } rate ? $", whose last step had learning rate {NumberText.Short(rate)}." : ".");
    }

    private static string WithoutWarmup(RunReport run) => (run.Specification with
    {
        Schedule = run.Specification.Schedule with { WarmupSteps = 0 },
    }).Identity();

    private static string Of(int some, int all) => all == 1
        ? some == 1 ? "the one run" : "none (of one run)"
        : some == all ? $"all {all} runs" : some == 0 ? $"none of {all} runs" : $"{some} of {all} runs";

    private static string Were(RunReport[] runs) => runs.Length == 1 ? "was" : "were";
}
