using CurvatureActors.Training.Data;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Models;

/// <summary>
/// Deep convolutional network without skips: <c>depth</c> 3x3 convolutions, each followed by normalisation and
/// activation, in three stages of nearly equal length with width, 2 width and 4 width channels; the first convolution
/// of the second and third stage has stride 2. Then average over all positions, classifier.
/// </summary>
public static class DeepCnn
{
    private const int Stages = 3;

    /// <summary>The network with zero weights.</summary>
    /// <exception cref="ArgumentException">A number is out of range, or the data are not images.</exception>
    public static Network Build(ModelSpecification model, NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        DeepCnnSpecification net = ModelParts.Required(model.DeepCnn, "deep-cnn");
        Check(model, options.Shape);
        ModelParts parts = new(model, options);
        long[] shape = options.Image().Dimensions;
        List<(string, Layer)> layers = [];
        for (int i = 0; i < net.Depth; i++)
        {
            int stage = Stage(i, net.Depth);
            int stride = i > 0 && stage > Stage(i - 1, net.Depth) ? 2 : 1;
            long channels = (long)net.Width << stage;
            layers.Add(($"convolutions.{i}", new Convolution(shape[0], channels, parts.BiasBefore, options, stride: stride)));
            shape = [channels, (shape[1] + stride - 1) / stride, (shape[2] + stride - 1) / stride];
            layers.AddRange(parts.Activated($"{i}", shape));
            layers.AddRange(parts.Dropped());
        }

        layers.Add(("pool", new GlobalAveragePool()));
        layers.Add(("classifier", new FullyConnected(shape[0], options.Classes, bias: true, options)));
        return new Network(layers);
    }

    internal static void Check(ModelSpecification model, ExampleShape? shape)
    {
        DeepCnnSpecification net = ModelParts.Required(model.DeepCnn, "deep-cnn");
        ModelParts.AtLeast(1, "deep-cnn.depth", net.Depth);
        ModelParts.AtLeast(1, "deep-cnn.width", net.Width);
    }

    internal static long? FewestPositions(ModelSpecification model, ImageShape image)
    {
        if (model.DeepCnn is not { } net)
        {
            return null;
        }

        // Every stage after the first that has a layer at all halves the maps.
        int side = 1 << Enumerable.Range(0, net.Depth).Select(layer => Stage(layer, net.Depth)).Distinct().Count() - 1;
        return (long)((image.Height + side - 1) / side) * ((image.Width + side - 1) / side);
    }

    private static int Stage(int layer, int depth) => layer * Stages / depth;
}
