namespace CurvatureActors.Training.Specification;

/// <summary>Shape of a <see cref="Models.DenseNet"/>.</summary>
public sealed record DenseNetSpecification
{
    /// <summary>Channels that each layer appends.</summary>
    public required int GrowthRate { get; init; }

    /// <summary>Layers of each of the three blocks.</summary>
    public required int BlockLayers { get; init; }
}
