using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>
/// Convolution with an odd square kernel k and padding k/2, by default 3x3 of stride 2: [N, inputs, H, W] to
/// [N, outputs, ceil(H/stride), ceil(W/stride)].
/// </summary>
public sealed class Convolution : Layer
{
    private static readonly long[] Dilation = [1, 1];

    private readonly long[] _stride;
    private readonly long[] _padding;
    private readonly Tensor _weight;
    private readonly Tensor? _bias;

    /// <summary>A layer with zero weights; see Initialisation.</summary>
    public Convolution(
        long inputs, long outputs, bool bias, NetworkOptions options, int kernel = 3, int stride = 2)
    {
        _stride = [stride, stride];
        _padding = [kernel / 2, kernel / 2];
        _weight = Parameter([outputs, inputs, kernel, kernel], 0, options);
        _bias = bias ? Parameter([outputs], 0, options) : null;
        NamedTensor weight = new("weight", _weight, ParameterRole.Rectified);
        Parameters = _bias is null ? [weight] : [weight, new("bias", _bias)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<NamedTensor> Parameters { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode) =>
        nn.functional.conv2d(input, _weight, _bias, _stride, _padding, Dilation);
}
