using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Recovery;

/// <summary>Where a diverged run goes back to. Pure, so that a recovered supervisor decides the same again.</summary>
public static class RollbackPoint
{
    /// <summary>
    /// The newest snapshot with <paramref name="healthyAfter"/> clean steps between it and the verdict. The initialisation,
    /// step 0, counts as healthy always and as present always: it can be made again from the seed.
    /// </summary>
    /// <param name="snapshotSteps">Steps of the snapshots there are, in any order.</param>
    /// <param name="verdictStep">Step of the verdict; snapshots after it are never chosen.</param>
    /// <param name="healthyAfter">Clean steps that make a snapshot healthy; 0 or more.</param>
    public static int Choose(IReadOnlyCollection<int> snapshotSteps, int verdictStep, int healthyAfter)
    {
        ArgumentNullException.ThrowIfNull(snapshotSteps);
        ArgumentOutOfRangeException.ThrowIfNegative(healthyAfter);
        // Not a sum: a rule may say int.MaxValue.
        return snapshotSteps.Where(step => step <= verdictStep - healthyAfter).Append(0).Max();
    }

    /// <summary>
    /// The same with what the verdict's rule says about the onset of the trouble: a network that never learned has no
    /// healthy snapshot but its initialisation, and a stalled one none within the window.
    /// </summary>
    /// <exception cref="ArgumentException">The verdict is by a rule that is not registered.</exception>
    public static int Choose(
        IReadOnlyCollection<int> snapshotSteps, DivergenceVerdict verdict, RunSpecification specification)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        ArgumentNullException.ThrowIfNull(specification);
        long back = (long)specification.Recovery.HealthyAfter
            + DivergenceRules.All[verdict.Rule].Onset(specification.Detection);
        return Choose(snapshotSteps, verdict.Step, (int)Math.Min(int.MaxValue, back));
    }
}
