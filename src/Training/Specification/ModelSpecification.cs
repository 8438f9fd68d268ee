using System.Text.Json.Serialization;

namespace CurvatureActors.Training.Specification;

/// <summary>
/// The network, up to the shape of the examples, which the data decide. Of the sections at the end only that of the kind
/// is there; the others are null and leave no trace in the canonical form.
/// </summary>
public sealed record ModelSpecification
{
    /// <summary>Registered model, see <see cref="Models.ModelRegistry.Models"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Width of each hidden fully connected layer (mlp: all layers; cnn: between convolutions and classifier).</summary>
    public required EquatableList<int> Hidden { get; init; }

    /// <summary>Output channels of each convolution (cnn).</summary>
    public required EquatableList<int> Channels { get; init; }

    /// <summary>After each convolution or hidden layer: <c>none</c>, <c>batch</c>, <c>layer</c> or <c>group</c>.</summary>
    public required string Normalization { get; init; }

    /// <summary>
    /// Whether layer and group normalisations use torch's kernels, which round otherwise than the primitives they were
    /// written from before. Of new runs with such layers; those of earlier versions lack it and go on as they began.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool FusedNormalization { get; init; }

    /// <summary><c>relu</c>, <c>tanh</c> or <c>gelu</c>.</summary>
    public required string Activation { get; init; }

    /// <summary>Factor on the standard deviation of every initial weight (the paper's init scale).</summary>
    public required double InitScale { get; init; }

    /// <summary>Probability of zeroing a hidden unit, in [0, 1).</summary>
    public required double Dropout { get; init; }

    /// <summary>
    /// How the first weights are made; null for <c>he</c> and nothing more. Part of the model because <c>fixup</c> is one
    /// of its layers too.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public InitialisationSpecification? Initialisation { get; init; }

    /// <summary>Only for wide-resnet.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WideResNetSpecification? WideResNet { get; init; }

    /// <summary>Only for deep-cnn.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DeepCnnSpecification? DeepCnn { get; init; }

    /// <summary>Only for densenet.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DenseNetSpecification? DenseNet { get; init; }

    /// <summary>Only for transformer, char-transformer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TransformerSpecification? Transformer { get; init; }

    /// <summary>Only for lstm.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LstmSpecification? Lstm { get; init; }

    /// <summary>Only for quadratic.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public QuadraticSpecification? Quadratic { get; init; }

    /// <summary>Only for uv.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UvSpecification? Uv { get; init; }

    /// <summary>Only for external: the file of the assembly. Not part of the identity.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Assembly { get; init; }

    /// <summary>Only for external: SHA-256 of that file, so that runs of different code are different runs. Checked when loaded.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AssemblySha256 { get; init; }

    /// <summary>Only for external: the full name of the class that implements <see cref="Models.INetworkFactory"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Type { get; init; }
}
