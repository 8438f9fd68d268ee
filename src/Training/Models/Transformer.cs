using CurvatureActors.Training.Data;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Models;

/// <summary>
/// Encoders of attention and fully connected blocks. Of images (Dosovitskiy et al. 2021): patches, linear embedding,
/// learned positions, blocks, mean over positions, classifier. Of texts: embedding of symbols, learned positions, causal
/// blocks, classifier at each position.
/// </summary>
/// <remarks>
/// Layer normalisation before each branch, and once more at the end (<c>pre</c>), or after each addition (<c>post</c>,
/// Vaswani et al. 2017), over the features of each position; or none. Dropout is at the end of each branch.
/// </remarks>
public static class Transformer
{
    /// <summary>What <c>model.normalization</c> may be for models of positions.</summary>
    public static IReadOnlyList<string> Normalizations { get; } = ["none", "layer"];

    /// <summary>What <c>normalization-position</c> may be.</summary>
    public static IReadOnlyList<string> NormalizationPositions { get; } = ["pre", "post"];

    /// <summary>The network for images with zero weights.</summary>
    /// <exception cref="ArgumentException">A number is out of range, or the data are not images.</exception>
    public static Network BuildForImages(ModelSpecification model, NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        Check(model, options.Shape);
        TransformerSpecification net = model.Transformer!;
        long[] image = options.Image().Dimensions;
        int patch = net.PatchSize ?? 1;
        return new Network(
            [
                ("patches", new Patches(patch)),
                ("embedding", new FullyConnected(
                    image[0] * patch * patch, net.Width, bias: true, options, ParameterRole.Linear)),
                ("positions", new Positions(image[1] / patch * (image[2] / patch), net.Width, options)),
                .. Blocks(model, net, options, causalLength: null),
                ("pool", new MeanOverPositions()),
                ("classifier", new FullyConnected(net.Width, options.Classes, bias: true, options, ParameterRole.Linear)),
            ]);
    }

    /// <summary>The causal network for texts with zero weights.</summary>
    /// <exception cref="ArgumentException">A number is out of range, or the data are not texts.</exception>
    public static Network BuildForTexts(ModelSpecification model, NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        int length = options.Sequence().Length;
        Check(model, options.Shape);
        TransformerSpecification net = model.Transformer!;
        return new Network(
            [
                ("embedding", new Embedding(options.Classes, net.Width, options)),
                ("positions", new Positions(length, net.Width, options)),
                .. Blocks(model, net, options, length),
                ("classifier", new FullyConnected(net.Width, options.Classes, bias: true, options, ParameterRole.Linear)),
                ("classes", new ClassesFirst()),
            ]);
    }

    /// <summary>The position of a normalisation, or null when there is none.</summary>
    /// <exception cref="ArgumentException">Kind or position of the normalisation is not one for positions.</exception>
    internal static string? NormalizationPosition(ModelSpecification model, string position, string section)
    {
        if (!Normalizations.Contains(model.Normalization))
        {
            throw new ArgumentException(
                $"curvature.model.normalization is \"{model.Normalization}\"; allowed for {model.Kind} are "
                + $"{string.Join(", ", Normalizations)}.");
        }

        return !NormalizationPositions.Contains(position)
            ? throw new ArgumentException(
                $"curvature.model.{section}.normalization-position is \"{position}\"; allowed are "
                + $"{string.Join(", ", NormalizationPositions)}.")
            : model.Normalization == "none" ? null : position;
    }

    internal static void Check(ModelSpecification model, ExampleShape? shape)
    {
        TransformerSpecification net = ModelParts.Required(model.Transformer, "transformer");
        ModelParts.AtLeast(1, "transformer.width", net.Width);
        ModelParts.AtLeast(1, "transformer.depth", net.Depth);
        ModelParts.AtLeast(1, "transformer.mlp-ratio", net.MlpRatio);
        _ = NormalizationPosition(model, net.NormalizationPosition, "transformer");
        if (net.Heads < 1 || net.Width % net.Heads != 0)
        {
            throw new ArgumentException(
                $"curvature.model.transformer.heads is {net.Heads}; it must divide curvature.model.transformer.width "
                + $"({net.Width}).");
        }

        if (shape is ImageShape image && net.PatchSize is var patch
            && (patch is null or < 1 || image.Height % patch != 0 || image.Width % patch != 0))
        {
            throw new ArgumentException(
                $"curvature.model.transformer.patch-size is {patch}; it must divide the images, {image.Height} x {image.Width}.");
        }
    }

    private static List<(string Name, Layer Layer)> Blocks(
        ModelSpecification model, TransformerSpecification net, NetworkOptions options, int? causalLength)
    {
        ModelParts parts = new(model, options);
        string? position = NormalizationPosition(model, net.NormalizationPosition, "transformer");
        List<(string, Layer)> layers = [];
        for (int i = 0; i < net.Depth; i++)
        {
            layers.Add(($"blocks.{i}", Block(
                "attention", new Attention(net.Width, net.Heads, options, causalLength))));
            layers.Add(($"blocks.{i}", Block(
                "mlp",
                new Chain(
                    ("0", new FullyConnected(net.Width, (long)net.Width * net.MlpRatio, bias: true, options)),
                    parts.Activated(),
                    ("1", new FullyConnected(
                        (long)net.Width * net.MlpRatio, net.Width, bias: true, options, ParameterRole.Linear))))));
        }

        if (position == "pre")
        {
            layers.Add(("final.normalization", Normalization()));
        }

        return layers;

        LayerNormalization Normalization() => new([net.Width], options);

        Chain Block(string name, Layer layer) => new((name, new Residual(
            before: position == "pre" ? new Chain(("normalization", Normalization())) : null,
            branch: new Chain([("", layer), .. parts.Dropped()]),
            scale: net.ResidualScale,
            after: position == "post" ? Normalization() : null)));
    }
}
