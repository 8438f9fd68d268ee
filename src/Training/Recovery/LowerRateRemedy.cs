using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Recovery;

/// <summary>
/// <c>lower-rate</c>: a peak rate of <see cref="RecoverySpecification.SafeFraction"/> of the largest stable rate by what is
/// measured at the rollback snapshot (<see cref="SafeRate"/>), and never more than
/// <see cref="RecoverySpecification.FallbackFactor"/> times the present peak, or what a warmup had made of it by the
/// verdict: what diverged must change even where the curvature saw no danger. Without a measurement that factor is
/// all there is, and its exponent doubles each time. Warmup and clipping stay; the warmup starts again at the rollback step.
/// </summary>
public sealed class LowerRateRemedy : IRemedy
{
    private const int MostDoublings = 8;

    /// <inheritdoc/>
    public bool WantsCurvature => true;

    /// <inheritdoc/>
    public bool LowersRate => true;

    /// <inheritdoc/>
    public RemedyDecision Choose(RecoveryContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        RecoverySpecification recovery = context.Specification.Recovery;
        TrainingPlan plan = context.Plan;
        SafeRate? safe = context.Safe;
        double factor = safe is null
            ? Math.Pow(recovery.FallbackFactor, 1 << Math.Min(MostDoublings, context.BlindLowerings))
            : recovery.FallbackFactor;
        double most = factor * (context.RateReached ?? plan.PeakLearningRate);
        string by = context.RateReached is { } reached
            ? $"{factor:G3} times the {reached:G4} that the warmup had come to"
            : $"{factor:G3} times the peak rate {plan.PeakLearningRate:G4}";
        double rate;
        string reason;
        RateBasis basis = RateBasis.Factor;
        if (safe is not null)
        {
            double wanted = recovery.SafeFraction * safe.Largest;
            rate = Math.Min(wanted, most);
            basis = wanted <= most ? safe.By : basis;
            reason = wanted <= most
                ? $"Rate {rate:G4}: {recovery.SafeFraction:G3} of {safe.Basis}."
                : $"Rate {rate:G4}: {by}, which is under {recovery.SafeFraction:G3} of {safe.Basis}.";
        }
        else
        {
            rate = most;
            string why = context.Curvature is { } measured
                ? $"lambda1 {measured.Lambda1:G4} sets no limit"
                : context.Searched is not null ? "without lambda1 forward passes set no limit"
                : "there is no curvature to go by";
            reason = $"Rate {rate:G4}: {by}, since {why}.";
        }

        TrainingPlan changed = plan with
        {
            PeakLearningRate = rate,
            WarmupFrom = plan.WarmupSteps > 0 ? context.RollbackStep : plan.WarmupFrom,
        };
        return new RemedyDecision("lower-rate", changed, reason, safe?.Sharpness) { RateBy = basis };
    }
}
