using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Optimizers;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Schedules;

/// <summary>
/// A learning rate that keeps the stability ratio, sharpness over the optimizer's own threshold, under a set value. It
/// lies on top of any schedule and warmup: the schedule says what is wanted, the measured curvature what is stable
/// (the thresholds of Cohen et al., arXiv 2103.00065 and 2207.14484; that warmup helps by lowering the ratio is Gilmer
/// et al., arXiv 2110.04369).
/// </summary>
/// <remarks>
/// A pure function of the step and the limits, each of which begins at a step that the specification fixes: the rates
/// do not depend on when a value came. Limitations: between two measurements the ratio may exceed the cap as far as the
/// sharpness rises meanwhile, and lambda1 is that of the fixed examples, not of the batches.
/// </remarks>
public static class StabilityCap
{
    /// <summary>The scheduled rate, or the largest one within the cap where that is lower.</summary>
    /// <param name="scheduled">Rate of the update by schedule and warmup.</param>
    /// <param name="step">Number of updates made before.</param>
    /// <param name="specification">The run; without a cap the rate is as scheduled.</param>
    /// <param name="limits">What has been measured.</param>
    public static double Apply(
        double scheduled, int step, RunSpecification specification, IReadOnlyList<StabilityLimit> limits)
    {
        ArgumentNullException.ThrowIfNull(specification);
        if (specification.Schedule.StabilityCap is not { } cap || InForce(limits, step) is not { Sharpness: { } sharpness })
        {
            return scheduled;
        }

        // The threshold is C/eta - s: the ratio is the cap where that is sharpness / ratio.
        OptimizerStability stability =
            OptimizerRegistry.Optimizers[specification.Optimizer.Kind].Stability(specification.Optimizer);
        return Math.Min(scheduled, stability.LargestStableRate(sharpness / cap.Ratio));
    }

    /// <summary>The newest measurement that has a value and limits the update at a step; null before the first.</summary>
    public static StabilityLimit? InForce(IReadOnlyList<StabilityLimit> limits, int step) => limits
        .Where(limit => limit.From <= step && limit.Sharpness is not null)
        .MaxBy(limit => limit.MeasuredAt);

    /// <summary>The limits that an update from a step on can rest on, in order of their measurements.</summary>
    public static IReadOnlyList<StabilityLimit> Needed(IEnumerable<StabilityLimit> limits, int step)
    {
        StabilityLimit[] all = [.. limits.OrderBy(limit => limit.MeasuredAt)];
        StabilityLimit? inForce = InForce(all, step);
        return [.. all.Where(limit => limit.From > step || limit == inForce)];
    }

    /// <summary>The eigenvalue that the threshold of an optimizer is about; null where it has none yet.</summary>
    public static double? Sharpness(CurvatureMeasurement measurement, OptimizerSpecification optimizer)
    {
        ArgumentNullException.ThrowIfNull(measurement);
        ArgumentNullException.ThrowIfNull(optimizer);
        return OptimizerRegistry.Optimizers[optimizer.Kind].IsPreconditioned
            ? measurement.PreconditionedLambda1
            : measurement.Lambda1;
    }

    /// <summary>
    /// The measurement with threshold and ratio at another rate: a measurement that limits its own update is taken
    /// before its rate is known.
    /// </summary>
    public static CurvatureMeasurement AtRate(CurvatureMeasurement measurement, double rate, OptimizerSpecification optimizer)
    {
        double? sharpness = Sharpness(measurement, optimizer);
        double threshold = OptimizerRegistry.Optimizers[optimizer.Kind].Stability(optimizer).ThresholdAt(rate);
        return measurement with { LearningRate = rate, Threshold = threshold, StabilityRatio = sharpness / threshold };
    }
}
