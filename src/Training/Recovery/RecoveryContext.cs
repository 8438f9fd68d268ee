using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Schedules;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Recovery;

/// <summary>What a remedy may look at. All of it follows from the run's own history.</summary>
/// <param name="Specification">The run.</param>
/// <param name="Plan">What the diverged attempt trained with.</param>
/// <param name="Verdict">How it diverged.</param>
/// <param name="RollbackStep">Step of the healthy snapshot that the next attempt starts from.</param>
/// <param name="Curvature">Measured at that snapshot; null when not asked for or when probes are off.</param>
public sealed record RecoveryContext(
    RunSpecification Specification,
    TrainingPlan Plan,
    DivergenceVerdict Verdict,
    int RollbackStep,
    CurvatureMeasurement? Curvature)
{
    /// <summary>What forward passes say of that snapshot; null where <see cref="Curvature"/> was asked for instead.</summary>
    public CriticalRateMeasurement? Searched { get; init; }

    /// <summary>The largest stable rate by what there is; null where nothing sets a limit.</summary>
    public SafeRate? Safe => Curvature is not null
        ? SafeRate.Of(Curvature, Specification.Optimizer)
        : SafeRate.Of(Searched, Specification.Optimizer);

    /// <summary>Earlier restarts that lowered the rate without a measurement to go by.</summary>
    public int BlindLowerings { get; init; }

    /// <summary>
    /// What the warmup had made of the peak rate by the verdict, so at most what was too much; null when it was over by
    /// then, or when it had begun at a critical rate, which only the trainer knows.
    /// </summary>
    public double? RateReached
    {
        get
        {
            bool critical = Plan.WarmupFrom == 0 && Specification.Schedule.WarmupFrom == LearningRate.Critical;
            double fraction = critical ? 1 : LearningRate.WarmupFraction(Verdict.Step, Plan);
            return fraction < 1 ? fraction * Plan.PeakLearningRate : null;
        }
    }
}
