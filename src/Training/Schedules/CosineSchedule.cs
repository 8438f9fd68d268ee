using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Schedules;

/// <summary>
/// <c>cosine</c>: half a cosine from the peak at the end of the specification's own warmup down to
/// <see cref="ScheduleSpecification.FinalFraction"/> of it at <see cref="TrainingSpecification.Steps"/>
/// (Loshchilov and Hutter, arXiv 1608.03983, without restarts).
/// </summary>
public sealed class CosineSchedule : ILearningRateSchedule
{
    /// <inheritdoc/>
    public double FractionAt(int atStep, RunSpecification specification)
    {
        ArgumentNullException.ThrowIfNull(specification);
        int from = specification.Schedule.WarmupSteps;
        int length = specification.Training.Steps - from;
        // A run that ends inside its warmup never decays.
        if (atStep <= from || length <= 0)
        {
            return 1;
        }

        double progress = Math.Min(1, (atStep - from) / (double)length);
        double final = specification.Schedule.FinalFraction;
        return final + ((1 - final) * 0.5 * (1 + Math.Cos(Math.PI * progress)));
    }
}
