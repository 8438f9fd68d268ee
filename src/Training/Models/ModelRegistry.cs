using CurvatureActors.Training.Data;
using CurvatureActors.Training.Initialisation;
using CurvatureActors.Training.Specification;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>The models by name, and how a network is made from a specification.</summary>
public static class ModelRegistry
{
    /// <summary>
    /// <c>mlp</c>: fully connected; <c>cnn</c>: 3x3 convolutions of stride 2, fully connected layers, classifier; the
    /// others: see the class of each. A model has zero weights when built.
    /// </summary>
    public static Registry<ModelKind> Models { get; } = new(
        "model",
        ("mlp", new(ExampleKind.Images, (model, options) =>
            new NetworkBuilder(model, options).Hidden(model.Hidden).Classifier())
        {
            FewestPositions = NetworkBuilder.FewestPositions,
        }),
        ("cnn", new(ExampleKind.Images, (model, options) =>
            new NetworkBuilder(model, options).Convolutions(model.Channels).Hidden(model.Hidden).Classifier())
        {
            FewestPositions = NetworkBuilder.FewestPositions,
        }),
        ("wide-resnet", new(ExampleKind.Images, WideResNet.Build) { Check = WideResNet.Check, FewestPositions = WideResNet.FewestPositions }),
        ("deep-cnn", new(ExampleKind.Images, DeepCnn.Build) { Check = DeepCnn.Check, FewestPositions = DeepCnn.FewestPositions }),
        ("densenet", new(ExampleKind.Images, DenseNet.Build) { Check = DenseNet.Check, FewestPositions = DenseNet.FewestPositions }),
        ("transformer", new(ExampleKind.Images, Transformer.BuildForImages) { Check = Transformer.Check }),
        ("char-transformer", new(ExampleKind.Texts, Transformer.BuildForTexts) { Check = Transformer.Check }),
        ("lstm", new(ExampleKind.Texts, RecurrentNet.Build) { Check = RecurrentNet.Check }),
        ("quadratic", new(ExampleKind.Vectors, Quadratic.Build) { Check = Quadratic.Check, Loss = "output" }),
        ("uv", new(ExampleKind.Vectors, TwoLayerLinear.Build) { Check = TwoLayerLinear.Check, Loss = "output" }),
        ("external", new(Takes: null, ExternalModel.Build)));

    /// <summary>The network of a specification with zero weights, to be filled from a snapshot.</summary>
    /// <exception cref="ArgumentException">The specification names something unknown or out of range.</exception>
    public static Network Build(ModelSpecification model, NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        Initialiser.Check(model);
        ArgumentNullException.ThrowIfNull(options);
        return Models[model.Kind].Build(model, options with { FusedNormalization = model.FusedNormalization });
    }

    /// <summary>The network of a specification with weights drawn from <paramref name="initialisation"/>, without any phase.</summary>
    /// <exception cref="ArgumentException">The specification names something unknown or out of range.</exception>
    public static Network Create(ModelSpecification model, NetworkOptions options, Generator initialisation)
    {
        Network network = Build(model, options);
        Initialiser.Draw(network, model, initialisation);
        return network;
    }
}
