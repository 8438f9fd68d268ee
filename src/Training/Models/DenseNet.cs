using CurvatureActors.Training.Data;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Models;

/// <summary>
/// Small densely connected network (Huang et al. 2017, without bottlenecks, compression 1/2): a 3x3 convolution to twice
/// the growth rate; three blocks whose layers (normalisation, activation, 3x3 convolution) each append growth-rate
/// channels; between blocks normalisation, activation, 1x1 convolution to half the channels, 2x2 average; at the end
/// normalisation, activation, average over all positions, classifier.
/// </summary>
public static class DenseNet
{
    private const int Blocks = 3;

    /// <summary>The network with zero weights.</summary>
    /// <exception cref="ArgumentException">A number is out of range, or the data are not images of 4x4 or more.</exception>
    public static Network Build(ModelSpecification model, NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        DenseNetSpecification net = ModelParts.Required(model.DenseNet, "densenet");
        Check(model, options.Shape);
        ModelParts parts = new(model, options);
        long[] shape = options.Image().Dimensions;
        List<(string, Layer)> layers =
            [("stem", new Convolution(shape[0], 2L * net.GrowthRate, parts.IsPlain, options, stride: 1))];
        shape[0] = 2L * net.GrowthRate;
        for (int block = 0; block < Blocks; block++)
        {
            for (int i = 0; i < net.BlockLayers; i++)
            {
                layers.Add(($"blocks.{block}.layers.{i}", new Concatenated(new Chain(
                    [.. parts.Activated("0", shape), ("convolution", Convolution(net.GrowthRate, 3)), .. parts.Dropped()]))));
                shape = [shape[0] + net.GrowthRate, shape[1], shape[2]];
            }

            if (block < Blocks - 1)
            {
                layers.Add(($"transitions.{block}", new Chain(
                    [.. parts.Activated("0", shape), ("convolution", Convolution(shape[0] / 2, 1)), ("pool", new AveragePool())])));
                shape = [shape[0] / 2, shape[1] / 2, shape[2] / 2];
            }
        }

        layers.Add(("final", new Chain(parts.Activated("0", shape))));
        layers.Add(("pool", new GlobalAveragePool()));
        layers.Add(("classifier", new FullyConnected(shape[0], options.Classes, bias: true, options)));
        return new Network(layers);

        Convolution Convolution(long outputs, int kernel) =>
            new(shape[0], outputs, parts.IsPlain, options, kernel, stride: 1);
    }

    internal static long? FewestPositions(ModelSpecification model, ImageShape image) =>
        (long)(image.Height >> (Blocks - 1)) * (image.Width >> (Blocks - 1));

    internal static void Check(ModelSpecification model, ExampleShape? shape)
    {
        DenseNetSpecification net = ModelParts.Required(model.DenseNet, "densenet");
        ModelParts.AtLeast(1, "densenet.growth-rate", net.GrowthRate);
        ModelParts.AtLeast(1, "densenet.block-layers", net.BlockLayers);
        if (shape is ImageShape image && Math.Min(image.Height, image.Width) < 1 << (Blocks - 1))
        {
            throw new ArgumentException(
                $"curvature.model.kind is \"densenet\", which halves images twice; these are {image.Height} x {image.Width}.");
        }
    }
}
