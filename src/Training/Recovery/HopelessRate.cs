namespace CurvatureActors.Training.Recovery;

/// <summary>
/// Tells that a peak rate is too high for anything but a lower one. A warmup or a clipped gradient helps a run over early
/// steepness that training itself flattens, by a small factor; where the peak is far above what is stable they end in a
/// network that is kept from exploding and from learning alike.
/// </summary>
public static class HopelessRate
{
    /// <summary>
    /// Peak over the largest stable rate above which it is hopeless. Plain gradient descent recovers from twice the edge
    /// (the catapult of Lewkowycz et al., arXiv 2003.02218); a warmup gains about as much again.
    /// </summary>
    public const double Excess = 4;

    /// <summary>Why the peak rate of the diverged attempt is hopeless, in one sentence; null where it is not.</summary>
    public static string? Reason(RecoveryContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        double peak = context.Plan.PeakLearningRate;
        if (context.RateReached is { } reached && peak > Excess * reached)
        {
            return $"The warmup to the peak rate {peak:G4} came only to {reached:G4}.";
        }

        if (context is { Verdict.Rule: "silent-failure", Plan: { WarmupSteps: > 0 } plan }
            && context.Verdict.Step >= (long)plan.WarmupFrom + plan.WarmupSteps)
        {
            return $"After a whole warmup to the peak rate {peak:G4} the network only guesses.";
        }

        return context.Safe is { } safe && peak > Excess * safe.Largest
            ? $"The peak rate {peak:G4} is {peak / safe.Largest:G3} times {safe.Basis}."
            : null;
    }
}
