using System.Collections.Immutable;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>The eigenvalues of an operator above a level, with the evidence that none is missing.</summary>
public sealed record TrackedEigenvalues
{
    /// <summary>The level.</summary>
    public required double Level { get; init; }

    /// <summary>The values above it, largest first, every copy of a multiple one; may be empty. NaN alone when a product was not finite.</summary>
    public required ImmutableArray<double> Values { get; init; }

    /// <summary>|A v - theta v| of the unit vector behind each value.</summary>
    public required ImmutableArray<double> Residuals { get; init; }

    /// <summary>Whether every residual reached the tolerance.</summary>
    public required bool Converged { get; init; }

    /// <summary>The largest Ritz value that is not above the level; NaN when there is none. From below, and rough where the challenge found it.</summary>
    public required double Below { get; init; }

    /// <summary>The residual of <see cref="Below"/>.</summary>
    public required double BelowResidual { get; init; }

    /// <summary>Whether all that was found above the level has converged and something below it was found beside, or the vectors span everything.</summary>
    public required bool Bracketed { get; init; }

    /// <summary>
    /// Steps of the Krylov space that a random direction grew orthogonal to the values found; 0 in an update without a
    /// challenge.
    /// </summary>
    public required int ChallengeSteps { get; init; }

    /// <summary>The largest Ritz value of that space; NaN without a challenge.</summary>
    public required double ChallengeLargest { get; init; }

    /// <summary>
    /// Whether it showed none above the level, and one beyond the margin would have escaped it with at most
    /// <see cref="EigenvalueTrackerOptions.MissProbability"/>; or the vectors span everything.
    /// </summary>
    public required bool ChallengePassed { get; init; }

    /// <summary>
    /// Whether there is evidence of this very update that none is missing: the block reaches below the level, and the
    /// challenge passed. High probability, not proof; false in an update without a challenge.
    /// </summary>
    public bool Complete => Bracketed && ChallengePassed;

    /// <summary>Products with single vectors, those in blocks counted one by one.</summary>
    public required int Products { get; init; }

    /// <summary>Wall-clock time.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>What the update started from.</summary>
    public required string Start { get; init; }
}
