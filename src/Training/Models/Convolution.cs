using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>3x3 convolution with stride 2 and padding 1: [N, inputs, H, W] to [N, outputs, ceil(H/2), ceil(W/2)].</summary>
public sealed class Convolution : Layer
{
    private static readonly long[] Stride = [2, 2];
    private static readonly long[] Padding = [1, 1];
    private static readonly long[] Dilation = [1, 1];

    private readonly Tensor _weight;
    private readonly Tensor? _bias;

    /// <summary>A layer with zero weights; see Initialisation.</summary>
    public Convolution(long inputs, long outputs, bool bias, NetworkOptions options)
    {
        _weight = Parameter([outputs, inputs, 3, 3], 0, options);
        _bias = bias ? Parameter([outputs], 0, options) : null;
        Parameters = _bias is null ? [new("weight", _weight)] : [new("weight", _weight), new("bias", _bias)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<NamedTensor> Parameters { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode) =>
        nn.functional.conv2d(input, _weight, _bias, Stride, Padding, Dilation);
}
