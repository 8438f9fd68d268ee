namespace CurvatureActors.Hessian.Solvers;

/// <summary>How a <see cref="WarmStartedSolver"/> works.</summary>
public sealed record WarmStartOptions
{
    /// <summary>Residual, relative to the value's magnitude, at which lambda1 counts as converged; above 0 and below 1.</summary>
    public double Tolerance { get; init; } = 1e-3;

    /// <summary>
    /// Error of the value, relative to its magnitude, that also counts as converged; above 0 and below 1. The error is
    /// taken from the residual squared over the gap to the second Ritz value, less that one's residual, where there is
    /// such a gap. Null: only the residual counts, which asks for a value far more exact than its residual says.
    /// </summary>
    public double? ValueTolerance { get; init; }

    /// <summary>Most products per update; at least 1.</summary>
    public int MaximumProducts { get; init; } = 100;

    /// <summary>Leading Ritz vectors that are carried from one update to the next, at one product each; at least 1.</summary>
    public int Carried { get; init; } = 2;

    /// <summary>
    /// A challenged update overlooks an eigenvalue that has risen above lambda1 by more than this share, from a direction
    /// that the carried vectors say nothing about, with at most <see cref="MissProbability"/>; above 0.
    /// </summary>
    public double CrossingMargin { get; init; } = 0.1;

    /// <summary>What a challenged update may overlook, in a share of all; above 0, and at most 1, which asks for nothing.</summary>
    public double MissProbability { get; init; } = HiddenComponent.DefaultProbability;

    /// <summary>
    /// The first warm update and every so many after it are challenged, at about the price of a cold solve with a loose
    /// tolerance; at least 1. At 1 every update is: nothing rests on the operator changing slowly, and little is saved.
    /// </summary>
    public int ChallengeEvery { get; init; } = 5;

    /// <summary>
    /// An update is challenged too when the operator has changed this much: residual of the carried leading vector,
    /// relative to its Rayleigh quotient; above 0. Smaller changes are met by the search itself, which starts from that residual.
    /// </summary>
    public double Drift { get; init; } = 1;

    /// <summary>Seed of the random directions.</summary>
    public ulong Seed { get; init; }

    internal void Validate()
    {
        // Tolerance and products obey the same rules as in the cold solve.
        new LanczosOptions { Tolerance = Tolerance, MaximumProducts = MaximumProducts }.Validate();
        if (ValueTolerance is { } error && !(error > 0 && error < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(ValueTolerance), error, "The tolerance must be above 0 and below 1.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(Carried, 1);
        if (!(CrossingMargin > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(CrossingMargin), CrossingMargin, "The margin must be above 0.");
        }

        HiddenComponent.Validate(MissProbability, nameof(MissProbability));

        ArgumentOutOfRangeException.ThrowIfLessThan(ChallengeEvery, 1);
        if (!(Drift > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(Drift), Drift, "The drift must be above 0.");
        }
    }
}
