namespace CurvatureActors.Training.Specification;

/// <summary>The target of a <see cref="Models.TwoLayerLinear"/>.</summary>
public sealed record UvSpecification
{
    /// <summary>y in 1/2 (u v - y)^2.</summary>
    public required double Target { get; init; }
}
