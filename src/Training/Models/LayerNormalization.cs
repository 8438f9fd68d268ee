using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>
/// (x - mean) / sqrt(variance + 1e-5) * weight + bias, statistics over all dimensions of an example but the batch,
/// weight and bias of the example's shape (Ba et al. 2016; the function of torch.nn.LayerNorm). Written from
/// primitives: the derivatives above the first of the fused kernel are not right.
/// </summary>
public sealed class LayerNormalization : Layer
{
    /// <summary>Added to the variance.</summary>
    public const double Epsilon = 1e-5;

    private readonly Tensor _weight;
    private readonly Tensor _bias;
    private readonly Scalar _epsilon = Epsilon.ToScalar();
    private readonly long[] _dimensions;

    /// <summary>Normalises examples of this shape; starts as the plain normalisation (weight 1, bias 0).</summary>
    public LayerNormalization(long[] shape, NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(shape);
        _dimensions = [.. Enumerable.Range(1, shape.Length).Select(dimension => (long)dimension)];
        _weight = Parameter(shape, 1, options);
        _bias = Parameter(shape, 0, options);
        Parameters = [new("weight", _weight), new("bias", _bias)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<NamedTensor> Parameters { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode)
    {
        ArgumentNullException.ThrowIfNull(input);
        Tensor centred = input - input.mean(_dimensions, keepdim: true);
        Tensor variance = (centred * centred).mean(_dimensions, keepdim: true);
        return (centred * variance.add(_epsilon).rsqrt() * _weight) + _bias;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _epsilon.Dispose();
    }
}
