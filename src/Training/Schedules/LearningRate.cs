using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Schedules;

/// <summary>The learning rate of a step, a pure function of the step, the run and the plan of its attempt.</summary>
public static class LearningRate
{
    /// <summary>The warmup that starts at the critical rate, see <see cref="CriticalRate"/>.</summary>
    public const string Critical = "critical";

    /// <summary>What <c>schedule.warmup-from</c> may be, the default first.</summary>
    public static IReadOnlyList<string> WarmupStarts { get; } = ["zero", Critical];

    /// <summary>
    /// eta(step) = peak of the plan * shape of the schedule * linear warmup of the plan. The shape follows the
    /// specification alone: a remedy's warmup multiplies on top and does not move the decay.
    /// </summary>
    /// <param name="step">Number of updates made before.</param>
    /// <param name="specification">The run.</param>
    /// <param name="plan">What the attempt trains with.</param>
    /// <param name="criticalRate">
    /// Where a warmup from step 0 starts, see <see cref="CriticalRate"/>; null for 0. A remedy's warmup from a later step
    /// starts at 0, since the rate was measured at step 0.
    /// </param>
    /// <exception cref="ArgumentException">The specification names a schedule that is not registered.</exception>
    public static double At(int step, RunSpecification specification, TrainingPlan plan, double? criticalRate = null)
    {
        ArgumentNullException.ThrowIfNull(specification);
        ArgumentNullException.ThrowIfNull(plan);
        double shape = LearningRateSchedules.All[specification.Schedule.Kind].FractionAt(step, specification);
        return plan.PeakLearningRate * shape * WarmupFactor(step, plan, criticalRate);
    }

    /// <summary>
    /// What a plan's linear warmup makes of the rate of a step: (step - from + 1) / length inside the warmup, so that its
    /// first update already moves and its last one has the full rate; 1 before and after it.
    /// </summary>
    public static double WarmupFraction(int step, TrainingPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.WarmupSteps <= 0 || step < plan.WarmupFrom
            ? 1
            : Math.Min(1, (step - plan.WarmupFrom + 1) / (double)plan.WarmupSteps);
    }

    /// <summary>
    /// That, or, from a critical rate c in fractions of the peak, c + (1 - c) step / length: the first update has c.
    /// </summary>
    private static double WarmupFactor(int step, TrainingPlan plan, double? criticalRate)
    {
        if (criticalRate is { } critical && plan.WarmupFrom == 0 && plan.WarmupSteps > 0 && step >= 0)
        {
            double start = Math.Min(1, critical / plan.PeakLearningRate);
            return start + ((1 - start) * Math.Min(1, step / (double)plan.WarmupSteps));
        }

        return WarmupFraction(step, plan);
    }
}
