using CurvatureActors.Training.Sessions;

namespace CurvatureActors.Cli.Reports.Studies;

/// <summary>What a run without supervision showed at every step to its end, for rules to be replayed over.</summary>
/// <param name="Steps">All steps in order.</param>
/// <param name="Onset">Where its failure began; null for a run that ended useful.</param>
internal sealed record LossCurve(IReadOnlyList<StepMetrics> Steps, int? Onset)
{
    /// <summary>
    /// The curve of a run that is over. A loss or gradient norm that is not finite ends training: the curve goes on with NaN
    /// from there, as training would, so that late rules get their chance.
    /// </summary>
    /// <returns>Null when anything else ended the run before its last step, a verdict of ours for example.</returns>
    public static LossCurve? Of(RunReport run)
    {
        ArgumentNullException.ThrowIfNull(run);
        List<StepMetrics> steps = [.. run.Steps.Rows.Select(row => row.Metrics)];
        int asked = run.Specification.Training.Steps;
        if (steps.Count == 0 || (steps.Count < asked && IsFinite(steps[^1])))
        {
            return null;
        }

        for (int step = steps[^1].Step + 1; step < asked; step++)
        {
            steps.Add(steps[^1] with { Step = step, Loss = double.NaN, GradientNorm = double.NaN });
        }

        return new LossCurve(steps, run.IsUseful() ? null : OnsetOf(steps));
    }

    /// <summary>
    /// The first step whose loss is above twice the first one, or whose loss or gradient norm is not finite; or, if that is
    /// earlier, the step from which on the loss never left that of its end by more than 5 %.
    /// </summary>
    private static int OnsetOf(List<StepMetrics> steps)
    {
        int bad = steps.FindIndex(step => !IsFinite(step) || step.Loss > 2 * steps[0].Loss);
        int stuck = StudyRuns.Stuck(steps);
        return bad < 0 ? stuck : Math.Min(steps[bad].Step, stuck);
    }

    private static bool IsFinite(StepMetrics step) => double.IsFinite(step.Loss) && double.IsFinite(step.GradientNorm);
}
