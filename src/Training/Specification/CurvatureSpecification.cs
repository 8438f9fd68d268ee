namespace CurvatureActors.Training.Specification;

/// <summary>How lambda1 is measured. Part of the identity only because a remedy may depend on the value.</summary>
public sealed record CurvatureSpecification
{
    /// <summary>Whether curvature may be measured at all; when false, remedies do without.</summary>
    public required bool Enabled { get; init; }

    /// <summary>Size of the fixed set of training examples that lambda1 is taken over.</summary>
    public required int Examples { get; init; }

    /// <summary>Examples per Hessian batch.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Residual, relative to the value, at which a value counts as converged.</summary>
    public required double Tolerance { get; init; }

    /// <summary>Most Hessian-vector products per measurement.</summary>
    public required int MaximumProducts { get; init; }
}
