using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Recovery;

/// <summary>Where a diverged run goes back to. Pure, so that a recovered supervisor decides the same again.</summary>
public static class RollbackPoint
{
    /// <summary>
    /// The newest snapshot with <paramref name="healthyAfter"/> clean steps between it and the trouble. The initialisation,
    /// step 0, counts as healthy always and as present always: it can be made again from the seed.
    /// </summary>
    /// <param name="snapshotSteps">Steps of the snapshots there are, in any order.</param>
    /// <param name="troubleStep">Step at which the trouble set in; snapshots after it are never chosen.</param>
    /// <param name="healthyAfter">Clean steps that make a snapshot healthy; 0 or more.</param>
    public static int Choose(IReadOnlyCollection<int> snapshotSteps, int troubleStep, int healthyAfter)
    {
        ArgumentNullException.ThrowIfNull(snapshotSteps);
        ArgumentOutOfRangeException.ThrowIfNegative(healthyAfter);
        return snapshotSteps.Where(step => step <= (long)troubleStep - healthyAfter).Append(0).Max();
    }

    /// <summary>
    /// Where to go back to after a verdict: to the newest anchor that <c>healthy-after</c> clean steps followed, up to its
    /// <see cref="Onset"/>. An attempt that came past all that was condemned before it goes back to its own beginning at
    /// most, which is healthy. One whose trouble set in where an earlier attempt was condemned already goes back further
    /// than that one did: twice as far from where the run was condemned, and so on, down to the initialisation.
    /// </summary>
    /// <param name="anchors">Steps of the anchors there are, in any order.</param>
    /// <param name="verdict">How the present attempt diverged.</param>
    /// <param name="attempts">All attempts in order; the last is the present one.</param>
    /// <param name="specification">The run.</param>
    /// <exception cref="ArgumentException">The verdict is by a rule that is not registered.</exception>
    public static int Choose(
        IReadOnlyCollection<int> anchors,
        DivergenceVerdict verdict,
        IReadOnlyList<AttemptSpan> attempts,
        RunSpecification specification)
    {
        ArgumentNullException.ThrowIfNull(attempts);
        ArgumentNullException.ThrowIfNull(specification);
        int healthyAfter = specification.Recovery.HealthyAfter;
        int onset = Onset(verdict, specification.Detection);
        int healthy = Choose(anchors, onset, healthyAfter);
        int from = attempts.Count == 0 ? 0 : attempts[^1].From;
        if (from == 0)
        {
            return healthy;
        }

        int condemned = attempts.SkipLast(1).Max(attempt => attempt.Verdict) ?? 0;
        return onset > condemned
            ? Math.Max(healthy, from)
            : Math.Min(healthy, Choose(anchors, from, Math.Max(healthyAfter, condemned - from)));
    }

    /// <summary>
    /// The last step that was healthy as seen from a verdict: what the rule found, or, in verdicts of older versions, the
    /// step itself less what the rule's evidence may reach back; 0 or more, at most the verdict's step.
    /// </summary>
    /// <exception cref="ArgumentException">The verdict is by a rule that is not registered.</exception>
    public static int Onset(DivergenceVerdict verdict, DetectionSpecification detection)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        ArgumentNullException.ThrowIfNull(detection);
        long onset = verdict.OnsetStep ?? (long)verdict.Step - DivergenceRules.All[verdict.Rule].Onset(detection);
        return (int)Math.Clamp(onset, 0, verdict.Step);
    }
}
