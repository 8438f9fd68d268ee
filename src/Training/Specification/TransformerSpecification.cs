using System.Text.Json.Serialization;

namespace CurvatureActors.Training.Specification;

/// <summary>Shape of a <see cref="Models.Transformer"/>, of images or of texts.</summary>
public sealed record TransformerSpecification
{
    /// <summary>Side of a patch (images); null for texts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? PatchSize { get; init; }

    /// <summary>Features of a position.</summary>
    public required int Width { get; init; }

    /// <summary>Heads of each attention; a divisor of the width.</summary>
    public required int Heads { get; init; }

    /// <summary>Number of blocks, each attention and two fully connected layers.</summary>
    public required int Depth { get; init; }

    /// <summary>Width of the hidden fully connected layer over that of the model.</summary>
    public required int MlpRatio { get; init; }

    /// <summary><c>pre</c> or <c>post</c>; without effect when there is no normalisation.</summary>
    public required string NormalizationPosition { get; init; }

    /// <summary>Factor on each residual branch.</summary>
    public required double ResidualScale { get; init; }
}
