using CurvatureActors.Training.Data;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Models;

/// <summary>
/// Wide residual network with pre-activation blocks (Zagoruyko and Komodakis 2016): a 3x3 convolution to
/// <c>base-channels</c>, three groups of (depth - 4) / 6 blocks of two 3x3 convolutions with base-channels * width-factor,
/// twice and four times as many channels, normalisation, activation, average over all positions, classifier.
/// </summary>
/// <remarks>
/// As in the authors' code, a block that changes the shape has a 1x1 convolution as shortcut, behind the block's first
/// activation. With <c>pool = N</c> the average is that code's own, over windows of N x N positions with stride 1, and what
/// is left of the map is flattened: on maps larger than N the classifier has (H - N + 1) * (W - N + 1) inputs a channel.
/// Convolutions have a bias only when there is no normalisation. Dropout is between a block's convolutions.
/// With <c>init.kind = fixup</c> there are scalar biases and multipliers in place of channel biases, see
/// <see cref="Initialisation.Fixup"/>.
/// </remarks>
public static class WideResNet
{
    /// <summary>The network with zero weights.</summary>
    /// <exception cref="ArgumentException">A number is out of range, or the data are not images.</exception>
    public static Network Build(ModelSpecification model, NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        WideResNetSpecification net = ModelParts.Required(model.WideResNet, "wide-resnet");
        Check(model, options.Shape);
        ModelParts parts = new(model, options);
        Normalization extra = Normalization.Kinds[net.ExtraNormalization];
        long[] shape = options.Image().Dimensions;
        List<(string, Layer)> layers =
            [.. parts.Shifted("shifts.stem"), ("stem", new Convolution(shape[0], net.BaseChannels, parts.IsPlain, options, stride: 1))];
        shape[0] = net.BaseChannels;
        int blocks = (net.Depth - 4) / 6;
        for (int group = 0; group < net.Strides.Count; group++)
        {
            long channels = (long)net.BaseChannels * net.WidthFactor << group;
            for (int block = 0; block < blocks; block++)
            {
                int stride = block == 0 ? net.Strides[group] : 1;
                layers.Add(($"groups.{group}.blocks.{block}", Block(shape, channels, stride)));
                shape = After(shape, channels, stride);
            }
        }

        layers.Add(("final", new Chain(parts.Activated("0", shape))));
        layers.AddRange(net.Pool is { } window
            ? [("pool", new AveragePool(window, stride: 1)), ("flatten", new Flatten())]
            : [("pool", new GlobalAveragePool())]);
        layers.AddRange(parts.Shifted("shifts.classifier"));
        long positions = net.Pool is { } side ? (shape[1] - side + 1) * (shape[2] - side + 1) : 1;
        layers.Add(("classifier", new FullyConnected(shape[0] * positions, options.Classes, bias: true, options)));
        return new Network(layers);

        Residual Block(long[] input, long channels, int stride)
        {
            long[] output = After(input, channels, stride);
            bool changes = stride != 1 || input[0] != channels;
            return new Residual(
                before: new Chain(parts.Activated("0", input)),
                branch: new Chain(
                    [
                        .. parts.Shifted("shifts.0"),
                        ("convolutions.0", new Convolution(input[0], channels, parts.IsPlain, options, stride: stride)),
                        .. parts.Activated("1", output),
                        .. parts.Dropped(),
                        .. parts.Shifted("shifts.1"),
                        ("convolutions.1", new Convolution(channels, channels, parts.IsPlain, options, stride: 1)),
                        .. parts.Multiplied(),
                    ]),
                shortcut: changes
                    ? new Chain(
                        [
                            .. parts.Shifted("shift"),
                            ("", new Convolution(input[0], channels, parts.IsPlain, options, kernel: 1, stride)),
                        ])
                    : null,
                net.ResidualScale,
                after: extra.Create(output, options));
        }
    }

    // The first block of a group normalises before its stride, all others after it.
    internal static long? FewestPositions(ModelSpecification model, ImageShape image) =>
        model.WideResNet is { } net && LastMaps(net, image) is var last ? last[1] * last[2] : null;

    private static long[] LastMaps(WideResNetSpecification net, ImageShape image) =>
        net.Strides.Aggregate(image.Dimensions, (map, stride) => After(map, map[0], stride));

    private static long[] After(long[] shape, long channels, int stride) =>
        [channels, (shape[1] + stride - 1) / stride, (shape[2] + stride - 1) / stride];

    internal static void Check(ModelSpecification model, ExampleShape? shape)
    {
        WideResNetSpecification net = ModelParts.Required(model.WideResNet, "wide-resnet");
        if (net.Depth < 10 || net.Depth % 6 != 4)
        {
            throw new ArgumentException(
                $"curvature.model.wide-resnet.depth is {net.Depth}; allowed are 10, 16, 22, ... (6n + 4).");
        }

        if (net.Strides.Count != 3 || net.Strides.Any(stride => stride < 1))
        {
            throw new ArgumentException(
                $"curvature.model.wide-resnet.strides is {net.Strides}; it must be three whole numbers of at least 1.");
        }

        ModelParts.AtLeast(1, "wide-resnet.width-factor", net.WidthFactor);
        ModelParts.AtLeast(1, "wide-resnet.base-channels", net.BaseChannels);
        CheckPool(net, shape);
    }

    private static void CheckPool(WideResNetSpecification net, ExampleShape? shape)
    {
        if (net.Pool is not { } window)
        {
            return;
        }

        ModelParts.AtLeast(1, "wide-resnet.pool", window);
        if (shape is ImageShape image
            && LastMaps(net, image) is var last
            && window > Math.Min(last[1], last[2]))
        {
            throw new ArgumentException(
                $"curvature.model.wide-resnet.pool is {window}; the last maps are {last[1]} x {last[2]}, allowed are global and whole "
                + $"numbers from 1 to {Math.Min(last[1], last[2])}.");
        }
    }
}
