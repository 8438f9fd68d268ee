using System.Text.Json.Serialization;

namespace CurvatureActors.Training.Specification;

/// <summary>Shape of a <see cref="Models.WideResNet"/>.</summary>
public sealed record WideResNetSpecification
{
    /// <summary>Number of layers, 6n + 4 for n blocks in each of the three groups.</summary>
    public required int Depth { get; init; }

    /// <summary>Factor k on the channels of the groups.</summary>
    public required int WidthFactor { get; init; }

    /// <summary>Channels of the first convolution, and of the first group before the factor.</summary>
    public required int BaseChannels { get; init; }

    /// <summary>Stride of the first block of each group.</summary>
    public required EquatableList<int> Strides { get; init; }

    /// <summary>Factor on each residual branch.</summary>
    public required double ResidualScale { get; init; }

    /// <summary>Registered normalisation after each residual addition.</summary>
    public required string ExtraNormalization { get; init; }

    /// <summary>
    /// Side of the window, moved by one position at a time, over which the last maps are averaged; null for all positions.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Pool { get; init; }
}
