using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Schedules;

/// <summary><c>constant</c>: the peak at every step.</summary>
public sealed class ConstantSchedule : ILearningRateSchedule
{
    /// <inheritdoc/>
    public double FractionAt(int atStep, RunSpecification specification) => 1;
}
