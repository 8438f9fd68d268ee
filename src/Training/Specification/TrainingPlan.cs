namespace CurvatureActors.Training.Specification;

/// <summary>
/// What an attempt trains with: the specification's learning rate, warmup and clipping as the remedies so far have
/// changed them. Part of every snapshot.
/// </summary>
/// <param name="PeakLearningRate">Peak learning rate eta.</param>
/// <param name="WarmupFrom">Step at which the warmup starts.</param>
/// <param name="WarmupSteps">Length of the warmup; 0 for none.</param>
/// <param name="ClipNorm">Clip the global gradient norm to this; null for no clipping.</param>
public sealed record TrainingPlan(double PeakLearningRate, int WarmupFrom, int WarmupSteps, double? ClipNorm)
{
    /// <summary>The plan of a run's first attempt.</summary>
    public static TrainingPlan Initial(RunSpecification specification) => new(
        specification.Optimizer.LearningRate,
        WarmupFrom: 0,
        specification.Schedule.WarmupSteps,
        specification.Training.ClipNorm);
}
