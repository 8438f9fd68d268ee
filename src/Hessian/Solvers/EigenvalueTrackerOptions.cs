namespace CurvatureActors.Hessian.Solvers;

/// <summary>How an <see cref="EigenvalueTracker"/> works.</summary>
public sealed record EigenvalueTrackerOptions
{
    /// <summary>Every eigenvalue above it is wanted; finite.</summary>
    public required double Level { get; init; }

    /// <summary>Residual, relative to the value's magnitude, at which a value counts as converged; above 0 and below 1.</summary>
    public double Tolerance { get; init; } = 1e-3;

    /// <summary>What a challenge overlooks with at most <see cref="MissProbability"/> lies above the level by more than this share of it; at least 0.</summary>
    public double Margin { get; init; } = 0.1;

    /// <summary>
    /// The probability that a challenge passes although an eigenvalue lies above the level and its margin; above 0, and at
    /// most 1, which asks for nothing.
    /// </summary>
    public double MissProbability { get; init; } = HiddenComponent.DefaultProbability;

    /// <summary>Most vectors in the block, the one below the level included; at least 2. Memory is for up to nine times as many.</summary>
    public int MaximumBlock { get; init; } = 32;

    /// <summary>Most products with single vectors per update; at least MaximumBlock and 2 more.</summary>
    public int MaximumProducts { get; init; } = 1000;

    /// <summary>The first update and every so many after it are challenged by a random direction; at least 1.</summary>
    public int ChallengeEvery { get; init; } = 1;

    /// <summary>Seed of the random directions.</summary>
    public ulong Seed { get; init; }

    /// <summary>The residual at which a value counts as converged.</summary>
    internal double GoodEnough(double value, double rounding) => Math.Max(Tolerance * Math.Abs(value), 10 * rounding);

    internal void Validate()
    {
        if (!double.IsFinite(Level))
        {
            throw new ArgumentOutOfRangeException(nameof(Level), Level, "The level must be finite.");
        }

        new LanczosOptions { Tolerance = Tolerance }.Validate();
        if (!(Margin >= 0))
        {
            throw new ArgumentOutOfRangeException(nameof(Margin), Margin, "The margin must be at least 0.");
        }

        HiddenComponent.Validate(MissProbability, nameof(MissProbability));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumBlock, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumProducts, MaximumBlock + 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(ChallengeEvery, 1);
    }
}
