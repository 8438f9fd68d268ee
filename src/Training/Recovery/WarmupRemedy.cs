using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Recovery;

/// <summary>
/// <c>warmup</c>: a linear warmup from the rollback step to the same peak, which lets early training move to a flatter
/// place before the full rate comes (Gilmer et al., arXiv 2110.04369). Where the plan already has one that was in use
/// or at least as long, the new one is four times as long.
/// </summary>
public sealed class WarmupRemedy : IRemedy
{
    private const int Longer = 4;

    /// <inheritdoc/>
    public bool WantsCurvature => false;

    /// <inheritdoc/>
    public RemedyDecision Choose(RecoveryContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        TrainingPlan plan = context.Plan;
        int asked = context.Specification.Recovery.WarmupSteps;
        int present = plan.WarmupSteps;
        bool inside = context.RollbackStep >= plan.WarmupFrom && context.RollbackStep - plan.WarmupFrom < present;
        bool lengthen = present > 0 && (inside || present >= asked);
        int steps = lengthen ? (int)Math.Min(int.MaxValue, Math.Max(asked, (long)Longer * present)) : asked;
        string reason = lengthen
            ? $"A warmup of {present} steps was not enough: {steps} steps from step {context.RollbackStep} to the same "
                + $"peak rate {plan.PeakLearningRate:G4}."
            : $"A linear warmup of {steps} steps from step {context.RollbackStep} to the same peak rate "
                + $"{plan.PeakLearningRate:G4}.";
        return new RemedyDecision(
            "warmup", plan with { WarmupFrom = context.RollbackStep, WarmupSteps = steps }, reason, Lambda1: null);
    }
}
