using CurvatureActors.Training.Data;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Sessions;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Models;

/// <summary>A tiny instance of each model beyond mlp and cnn, with the data that it takes.</summary>
internal static class ModelSamples
{
    public const int Classes = 3;
    public const int Size = 8;

    /// <summary>Kinds and normalisations (for transformers with the position) that the tests go through.</summary>
    public static readonly (string Kind, string Variant)[] All =
    [
        ("wide-resnet", "none"), ("wide-resnet", "batch"), ("wide-resnet", "layer"), ("wide-resnet", "group"),
        ("wide-resnet", "extra"), ("wide-resnet", "pool"),
        ("deep-cnn", "none"), ("deep-cnn", "group"),
        ("densenet", "none"), ("densenet", "batch"),
        ("transformer", "none"), ("transformer", "pre"), ("transformer", "post"),
        ("char-transformer", "none"), ("char-transformer", "pre"), ("char-transformer", "post"),
        ("lstm", "none"), ("lstm", "pre"), ("lstm", "post"),
    ];

    public static ModelSpecification Model(string kind, string variant)
    {
        bool positioned = variant is "pre" or "post";
        string position = positioned ? variant : "pre";
        string normalization = positioned ? "layer" : variant is "extra" or "pool" ? "none" : variant;
        ModelSpecification model = Fixtures.Model(kind, normalization, "tanh", hidden: [], channels: []);
        return kind switch
        {
            "wide-resnet" when variant == "pool" => model with { WideResNet = WideResNet(10, 1, 2) with { Strides = [1, 2, 1], Pool = 3 } },
            "wide-resnet" => model with { WideResNet = WideResNet(10, 1, 2, variant == "extra" ? "layer" : "none", 0.7) },
            "deep-cnn" => model with { DeepCnn = new() { Depth = 4, Width = 2 } },
            "densenet" => model with { DenseNet = new() { GrowthRate = 2, BlockLayers = 1 } },
            "transformer" => model with { Transformer = Transformer(position) with { PatchSize = 4 } },
            "char-transformer" => model with { Transformer = Transformer(position) },
            "lstm" => model with { Lstm = new() { Depth = 2, Width = 3, NormalizationPosition = position } },
            "quadratic" => model with { Quadratic = new() { Spectrum = [3, 1, -0.5], Lambda1 = 1, Exponent = 1 } },
            "uv" => model with { Uv = new() { Target = 2 } },
            _ => model,
        };
    }

    public static WideResNetSpecification WideResNet(
        int depth, int widthFactor, int baseChannels = 16, string extra = "none", double scale = 1) => new()
        {
            Depth = depth,
            WidthFactor = widthFactor,
            BaseChannels = baseChannels,
            Strides = [1, 2, 2],
            ResidualScale = scale,
            ExtraNormalization = extra,
        };

    public static TransformerSpecification Transformer(
        string position, int width = 4, int heads = 2, int depth = 1, int ratio = 2, double scale = 0.8) => new()
        {
            Width = width,
            Heads = heads,
            Depth = depth,
            MlpRatio = ratio,
            NormalizationPosition = position,
            ResidualScale = scale,
        };

    public static ExampleShape Shape(string kind) => kind switch
    {
        "char-transformer" or "lstm" => new SequenceShape(4),
        "quadratic" => new VectorShape(3),
        "uv" => new VectorShape(1),
        _ => new ImageShape(1, Size, Size),
    };

    /// <summary>Four examples in float64.</summary>
    public static (Tensor Inputs, Tensor Targets) Batch(string kind, Generator generator) => Shape(kind) switch
    {
        SequenceShape sequence => (
            randint(0, Classes, [4, sequence.Length], int64, generator: generator),
            randint(0, Classes, [4, sequence.Length], int64, generator: generator)),
        VectorShape vector => (zeros([4, vector.Length], float64).normal_(0, 1, generator), full([4], -1, int64)),
        _ => (zeros([4, 1, Size, Size], float64).normal_(0, 1, generator), tensor((long[])[0, 1, 2, 1])),
    };

    public static Network Network(string kind, string variant, Generator generator, bool fused = false) => ModelRegistry.Create(
        Model(kind, variant) with { FusedNormalization = fused }, new NetworkOptions(Shape(kind), Classes, CPU, float64), generator);
}
