using CurvatureActors.Training.Data;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Models;

/// <summary>
/// LSTM on characters: embedding, <c>depth</c> recurrent layers of <c>width</c> units, classifier at each position. Layer
/// normalisation over the features of each position before (<c>pre</c>) or after (<c>post</c>) each recurrent layer, or
/// none; dropout after each.
/// </summary>
public static class RecurrentNet
{
    /// <summary>The network with zero weights.</summary>
    /// <exception cref="ArgumentException">A number is out of range, or the data are not texts.</exception>
    public static Network Build(ModelSpecification model, NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        LstmSpecification net = ModelParts.Required(model.Lstm, "lstm");
        Check(model, options.Shape);
        _ = options.Sequence();
        ModelParts parts = new(model, options);
        string? position = Transformer.NormalizationPosition(model, net.NormalizationPosition, "lstm");
        List<(string, Layer)> layers = [("embedding", new Embedding(options.Classes, net.Width, options))];
        for (int i = 0; i < net.Depth; i++)
        {
            if (position == "pre")
            {
                layers.Add(($"layers.{i}.normalization", new LayerNormalization([net.Width], options)));
            }

            layers.Add(($"layers.{i}", new LongShortTermMemory(net.Width, net.Width, options)));
            if (position == "post")
            {
                layers.Add(($"layers.{i}.normalization", new LayerNormalization([net.Width], options)));
            }

            layers.AddRange(parts.Dropped());
        }

        layers.Add(("classifier", new FullyConnected(net.Width, options.Classes, bias: true, options, ParameterRole.Linear)));
        layers.Add(("classes", new ClassesFirst()));
        return new Network(layers);
    }

    internal static void Check(ModelSpecification model, ExampleShape? shape)
    {
        LstmSpecification net = ModelParts.Required(model.Lstm, "lstm");
        ModelParts.AtLeast(1, "lstm.depth", net.Depth);
        ModelParts.AtLeast(1, "lstm.width", net.Width);
        _ = Transformer.NormalizationPosition(model, net.NormalizationPosition, "lstm");
    }
}
