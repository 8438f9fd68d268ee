using System.Numerics;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Recovery;

/// <summary>
/// Which anchors a rollback may land on. Trouble may have set in long before it is noticed, so there are anchors of every
/// age, ever sparser with it: all that are younger than <see cref="RecoverySpecification.HealthyAfter"/> and the interval
/// between snapshots together, and beyond that one or two of each doubling of the age, the initialisation always.
/// </summary>
/// <remarks>
/// Pure functions of the steps, not of which files there are: a run that trained some of them again after a loss comes to
/// the same anchors. What is let go stays let go: the spacing at an age divides that at any greater age.
/// </remarks>
public static class AnchorLadder
{
    /// <summary>Whether an attempt that has come to a newest anchor still has the one at a step.</summary>
    /// <param name="step">Step of an anchor, a multiple of the interval between snapshots.</param>
    /// <param name="newest">Step of the newest; not before <paramref name="step"/>.</param>
    /// <param name="specification">The run: interval and <c>healthy-after</c> are read.</param>
    public static bool Has(int step, int newest, RunSpecification specification)
    {
        ArgumentNullException.ThrowIfNull(specification);
        long every = specification.Training.SnapshotEvery;
        long healthyAfter = Math.Max(every, specification.Recovery.HealthyAfter);
        long age = (long)newest - step;
        if (step == 0 || age < healthyAfter + every)
        {
            return true;
        }

        // The largest doubling of the interval that is no longer than the largest doubling of healthy-after up to the age.
        long octave = healthyAfter << BitOperations.Log2((ulong)(age / healthyAfter));
        long spacing = every << BitOperations.Log2((ulong)(octave / every));
        return step % spacing == 0;
    }

    /// <summary>Whether a run still has the anchor of a step that it has not left behind by a rollback.</summary>
    /// <param name="step">Step of an anchor of the present history.</param>
    /// <param name="newest">Step of the present attempt's newest anchor.</param>
    /// <param name="attempts">All attempts in order; the last is the present one.</param>
    /// <param name="specification">The run.</param>
    public static bool Has(int step, int newest, IReadOnlyList<AttemptSpan> attempts, RunSpecification specification)
    {
        ArgumentNullException.ThrowIfNull(attempts);
        ArgumentNullException.ThrowIfNull(specification);
        if (!Has(step, Math.Max(newest, step), specification))
        {
            return false;
        }

        // Each attempt since the one that trained it may have come further than the present one and let it go.
        for (int i = attempts.Count - 2; i >= 0 && attempts[i + 1].From >= step; i--)
        {
            if (attempts[i].Verdict is { } verdict && verdict >= step
                && !Has(step, verdict - (verdict % specification.Training.SnapshotEvery), specification))
            {
                return false;
            }
        }

        return true;
    }
}
