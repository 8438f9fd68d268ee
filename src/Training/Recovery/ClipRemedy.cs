using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Recovery;

/// <summary>
/// <c>clip</c>: clips the global gradient norm at the percentile of the healthy norms that the verdict carries, or at
/// half the present clip norm when that is already as low. Without a usable norm, at 1.
/// </summary>
public sealed class ClipRemedy : IRemedy
{
    private const double Fallback = 1;

    /// <inheritdoc/>
    public bool WantsCurvature => false;

    /// <inheritdoc/>
    public RemedyDecision Choose(RecoveryContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        TrainingPlan plan = context.Plan;
        double? healthy = context.Verdict.HealthyGradientNorm is { } norm && double.IsFinite(norm) && norm > 0 ? norm : null;
        double target = healthy ?? Fallback;
        string basis = healthy is not null
            ? $"{target:G4}, percentile {context.Specification.Recovery.ClipPercentile:G3} of the healthy gradient norms"
            : $"{target:G4}, for want of a finite healthy gradient norm";
        (double clip, string reason) = plan.ClipNorm is { } present && present <= target
            ? (present / 2, $"The gradient norm was already clipped at {present:G4} (not above {basis}): half of it, "
                + $"{present / 2:G4}.")
            : (target, $"The gradient norm is clipped at {basis}.");
        return new RemedyDecision("clip", plan with { ClipNorm = clip }, reason, Lambda1: null);
    }
}
