using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Schedules;

/// <summary>The learning rate of a step, a pure function of the step, the run and the plan of its attempt.</summary>
public static class LearningRate
{
    /// <summary>
    /// eta(step) = peak of the plan * shape of the schedule * linear warmup of the plan. The shape follows the
    /// specification alone: a remedy's warmup multiplies on top and does not move the decay.
    /// </summary>
    /// <param name="step">Number of updates made before.</param>
    /// <param name="specification">The run.</param>
    /// <param name="plan">What the attempt trains with.</param>
    /// <exception cref="ArgumentException">The specification names a schedule that is not registered.</exception>
    public static double At(int step, RunSpecification specification, TrainingPlan plan)
    {
        ArgumentNullException.ThrowIfNull(specification);
        ArgumentNullException.ThrowIfNull(plan);
        double shape = LearningRateSchedules.All[specification.Schedule.Kind].FractionAt(step, specification);
        return plan.PeakLearningRate * shape * WarmupFactor(step, plan);
    }

    /// <summary>
    /// (step - from + 1) / length inside the warmup, so that its first update already moves and its last one has the
    /// full rate; 1 before and after it.
    /// </summary>
    private static double WarmupFactor(int step, TrainingPlan plan) =>
        plan.WarmupSteps <= 0 || step < plan.WarmupFrom
            ? 1
            : Math.Min(1, (step - plan.WarmupFrom + 1) / (double)plan.WarmupSteps);
}
