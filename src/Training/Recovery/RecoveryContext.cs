using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Divergence;
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
    CurvatureMeasurement? Curvature);
