namespace CurvatureActors.Hessian.Solvers;

/// <summary>How <see cref="PowerIteration.Dominant"/> works.</summary>
public sealed record PowerIterationOptions
{
    /// <summary>Residual, relative to the value's magnitude, at which the value counts as converged; above 0 and below 1.</summary>
    public double Tolerance { get; init; } = 1e-4;

    /// <summary>Most products with the operator; at least 1.</summary>
    public int MaximumProducts { get; init; } = 1000;

    /// <summary>Seed of the random start.</summary>
    public ulong Seed { get; init; }
}
