namespace CurvatureActors.Hessian.Solvers;

/// <summary>How a <see cref="WarmStartedSolver"/> works.</summary>
public sealed record WarmStartOptions
{
    /// <summary>Residual, relative to the value's magnitude, at which lambda1 counts as converged; above 0 and below 1.</summary>
    public double Tolerance { get; init; } = 1e-3;

    /// <summary>Most products per update; at least 1.</summary>
    public int MaximumProducts { get; init; } = 100;

    /// <summary>Leading Ritz vectors that are carried from one update to the next, at one product each; at least 1.</summary>
    public int Carried { get; init; } = 2;

    /// <summary>
    /// Fewest further products spent, in each warm update, on a direction that the carried vectors say nothing about:
    /// what notices an eigenvalue that has risen from elsewhere. At least 0; more are spent while that direction's own
    /// Ritz value is still growing towards lambda1.
    /// </summary>
    public int ChallengeProducts { get; init; } = 2;

    /// <summary>Seed of the random directions.</summary>
    public ulong Seed { get; init; }

    internal void Validate()
    {
        // Tolerance and products obey the same rules as in the cold solve.
        new LanczosOptions { Tolerance = Tolerance, MaximumProducts = MaximumProducts }.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(Carried, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(ChallengeProducts);
    }
}
