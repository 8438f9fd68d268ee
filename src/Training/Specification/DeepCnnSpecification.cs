namespace CurvatureActors.Training.Specification;

/// <summary>Shape of a <see cref="Models.DeepCnn"/>.</summary>
public sealed record DeepCnnSpecification
{
    /// <summary>Number of convolutions.</summary>
    public required int Depth { get; init; }

    /// <summary>Channels of the first stage.</summary>
    public required int Width { get; init; }
}
