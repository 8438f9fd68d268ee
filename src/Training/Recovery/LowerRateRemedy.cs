using CurvatureActors.Training.Optimizers;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Recovery;

/// <summary>
/// <c>lower-rate</c>: a peak rate of <see cref="RecoverySpecification.SafeFraction"/> of the optimizer's largest stable
/// rate at the measured curvature, and never more than <see cref="RecoverySpecification.FallbackFactor"/> times the
/// present peak: what diverged must change even where the curvature saw no danger. Warmup and clipping stay; the
/// warmup starts again at the rollback step.
/// </summary>
public sealed class LowerRateRemedy : IRemedy
{
    /// <inheritdoc/>
    public bool WantsCurvature => true;

    /// <inheritdoc/>
    public RemedyDecision Choose(RecoveryContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        RecoverySpecification recovery = context.Specification.Recovery;
        OptimizerSpecification optimizer = context.Specification.Optimizer;
        TrainingPlan plan = context.Plan;
        double most = recovery.FallbackFactor * plan.PeakLearningRate;
        string factor = $"{recovery.FallbackFactor:G3} times the peak rate {plan.PeakLearningRate:G4}";

        OptimizerKind kind = OptimizerRegistry.Optimizers[optimizer.Kind];
        bool preconditioned = kind.IsPreconditioned;
        double? lambda1 = preconditioned ? context.Curvature?.PreconditionedLambda1 : context.Curvature?.Lambda1;
        double? stable = lambda1 is { } value and > 0 ? kind.Stability(optimizer).LargestStableRate(value) : null;
        double rate;
        string reason;
        if (stable is { } edge)
        {
            double safe = recovery.SafeFraction * edge;
            rate = Math.Min(safe, most);
            string measured = (preconditioned ? "preconditioned lambda1 " : "lambda1 ")
                + $"{lambda1:G4} at step {context.Curvature!.Step}"
                + (context.Curvature.Converged ? "" : $" (not converged, residual {context.Curvature.Residual:G3})");
            reason = safe <= most
                ? $"Rate {rate:G4}: {recovery.SafeFraction:G3} of the largest stable rate {edge:G4} of {optimizer.Kind} at "
                    + $"{measured}."
                : $"Rate {rate:G4}: {factor}, which is under {recovery.SafeFraction:G3} of the largest stable rate "
                    + $"{edge:G4} of {optimizer.Kind} at {measured}.";
        }
        else
        {
            rate = most;
            string why = context.Curvature is null ? "there is no curvature to go by"
                : lambda1 is null ? "there is no preconditioned lambda1 to go by"
                : $"lambda1 {lambda1:G4} sets no limit";
            reason = $"Rate {rate:G4}: {factor}, since {why}.";
        }

        TrainingPlan changed = plan with
        {
            PeakLearningRate = rate,
            WarmupFrom = plan.WarmupSteps > 0 ? context.RollbackStep : plan.WarmupFrom,
        };
        return new RemedyDecision("lower-rate", changed, reason, stable is null ? null : lambda1);
    }
}
