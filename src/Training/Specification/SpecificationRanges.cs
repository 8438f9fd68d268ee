using System.Globalization;

namespace CurvatureActors.Training.Specification;

/// <summary>
/// What no run can have, whatever its names mean: for a specification that does not come from a configuration, where each
/// key is checked for itself, but from a file that anybody may have written.
/// </summary>
internal static class SpecificationRanges
{
    private const int Version = 1;

    /// <summary>The first number out of its range, in words ("training.batchSize is 0, at least 1 is needed"); null for none.</summary>
    public static string? Fault(RunSpecification run)
    {
        if (run.Version != Version)
        {
            return $"its specification has version {run.Version}, this program reads {Version}";
        }

        (TrainingSpecification training, OptimizerSpecification optimizer, ScheduleSpecification schedule, CurvatureSpecification curvature) =
            (run.Training, run.Optimizer, run.Schedule, run.Curvature);
        return AtLeast("seed", run.Seed, 0)
            ?? AtLeast("training.steps", training.Steps, 1)
            ?? AtLeast("training.batchSize", training.BatchSize, 1)
            ?? AtLeast("training.snapshotEvery", training.SnapshotEvery, 1)
            ?? AtLeast("training.threads", training.Threads, 1)
            ?? Between("training.clipNorm", training.ClipNorm, 0, float.MaxValue, withLow: false)
            ?? Between("optimizer.learningRate", optimizer.LearningRate, 0, float.MaxValue, withLow: false)
            ?? Between("optimizer.momentum", optimizer.Momentum, 0, 1, withHigh: false)
            ?? Between("optimizer.beta1", optimizer.Beta1, 0, 1, withHigh: false)
            ?? Between("optimizer.beta2", optimizer.Beta2, 0, 1, withHigh: false)
            ?? Between("optimizer.epsilon", optimizer.Epsilon, 0, float.MaxValue, withLow: false)
            ?? Between("optimizer.weightDecay", optimizer.WeightDecay, 0, float.MaxValue)
            ?? AtLeast("schedule.warmupSteps", schedule.WarmupSteps, 0)
            ?? Between("schedule.finalFraction", schedule.FinalFraction, 0, 1)
            ?? AtLeast("curvature.examples", curvature.Examples, 1)
            ?? AtLeast("curvature.batchSize", curvature.BatchSize, 1)
            ?? Between("curvature.tolerance", curvature.Tolerance, 0, 1, withLow: false, withHigh: false)
            ?? AtLeast("curvature.maximumProducts", curvature.MaximumProducts, 1);
    }

    /// <summary>The same of a plan.</summary>
    public static string? Fault(TrainingPlan plan) =>
        Between("plan.peakLearningRate", plan.PeakLearningRate, 0, float.MaxValue)
            ?? AtLeast("plan.warmupFrom", plan.WarmupFrom, 0)
            ?? AtLeast("plan.warmupSteps", plan.WarmupSteps, 0)
            ?? Between("plan.clipNorm", plan.ClipNorm, 0, float.MaxValue, withLow: false);

    private static string? AtLeast(string field, int value, int least) =>
        value >= least ? null : $"its {field} is {value}, at least {least} is needed";

    private static string? Between(
        string field, double? value, double low, double high, bool withLow = true, bool withHigh = true) =>
        value is not { } number || ((withLow ? number >= low : number > low) && (withHigh ? number <= high : number < high))
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"its {field} is {number}, allowed is {(withLow ? "from" : "above")} {low} {(withHigh ? "to" : "to below")} {high:G6}");
}
