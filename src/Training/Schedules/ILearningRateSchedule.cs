using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Schedules;

/// <summary>
/// The shape of the learning rate over time. A pure function of the step, so a restored run needs no state to go on
/// with the same rates.
/// </summary>
public interface ILearningRateSchedule
{
    /// <summary>Rate of the update at <paramref name="atStep"/> as a fraction of the peak, without any warmup.</summary>
    /// <param name="atStep">Number of updates made before.</param>
    /// <param name="specification">The run, for its length and the schedule's constants.</param>
    double FractionAt(int atStep, RunSpecification specification);
}
