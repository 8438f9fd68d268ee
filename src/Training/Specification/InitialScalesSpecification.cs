namespace CurvatureActors.Training.Specification;

/// <summary>
/// Factors on the standard deviation of initial weights by kind of layer, on top of
/// <see cref="ModelSpecification.InitScale"/>. Those of Fixup's zero weights have no effect.
/// </summary>
public sealed record InitialScalesSpecification
{
    /// <summary>Convolutions.</summary>
    public required double Convolution { get; init; }

    /// <summary>Fully connected and recurrent layers but the last.</summary>
    public required double Linear { get; init; }

    /// <summary>Tables of symbols and positions.</summary>
    public required double Embedding { get; init; }

    /// <summary>The last linear layer.</summary>
    public required double Classifier { get; init; }
}
