namespace CurvatureActors.Training.Specification;

/// <summary>Constants of <see cref="Initialisation.MetaInit"/>.</summary>
public sealed record MetaInitSpecification
{
    /// <summary>Steps.</summary>
    public required int Steps { get; init; }

    /// <summary>What a step adds to or takes from the velocity of a weight tensor's norm.</summary>
    public required double Rate { get; init; }

    /// <summary>What is left of that velocity from step to step.</summary>
    public required double Momentum { get; init; }

    /// <summary>Synthetic examples per step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Keeps the denominator of the gradient quotient away from 0.</summary>
    public required double Epsilon { get; init; }
}
