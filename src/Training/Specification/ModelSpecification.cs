namespace CurvatureActors.Training.Specification;

/// <summary>The network, up to the shape of the images, which the data decide.</summary>
public sealed record ModelSpecification
{
    /// <summary>Registered model: <c>mlp</c>, <c>cnn</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Width of each hidden fully connected layer (mlp: all layers; cnn: between convolutions and classifier).</summary>
    public required EquatableList<int> Hidden { get; init; }

    /// <summary>Output channels of each convolution (cnn).</summary>
    public required EquatableList<int> Channels { get; init; }

    /// <summary>After each convolution or hidden layer: <c>none</c>, <c>batch</c> or <c>layer</c>.</summary>
    public required string Normalization { get; init; }

    /// <summary><c>relu</c>, <c>tanh</c> or <c>gelu</c>.</summary>
    public required string Activation { get; init; }

    /// <summary>Factor on the standard deviation of every initial weight (the paper's init scale).</summary>
    public required double InitScale { get; init; }

    /// <summary>Probability of zeroing a hidden unit, in [0, 1).</summary>
    public required double Dropout { get; init; }
}
