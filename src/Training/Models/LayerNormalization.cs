using CurvatureActors.Hessian;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>
/// (x - mean) / sqrt(variance + 1e-5) * weight + bias, statistics over the last dimensions, which have the shape of
/// weight and bias: all of an example but the batch, or the features of each position (Ba et al. 2016; the function of torch.nn.LayerNorm).
/// </summary>
/// <remarks>
/// Torch's kernel, whose first and second derivatives are right; its third ones are not, so <see cref="NetworkMode.Primitive"/>
/// is written from primitives, and so is all of it without <see cref="NetworkOptions.FusedNormalization"/>.
/// </remarks>
public sealed class LayerNormalization : Layer
{
    /// <summary>Added to the variance.</summary>
    public const double Epsilon = 1e-5;

    private readonly Tensor _weight;
    private readonly Tensor _bias;
    private readonly Scalar _epsilon = Epsilon.ToScalar();
    private readonly long[] _shape;
    private readonly long[] _dimensions;
    private readonly bool _fused;

    /// <summary>Normalises over last dimensions of this shape; starts as the plain normalisation (weight 1, bias 0).</summary>
    public LayerNormalization(long[] shape, NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(options);
        _shape = [.. shape];
        _fused = options.FusedNormalization;
        _dimensions = [.. Enumerable.Range(-shape.Length, shape.Length).Select(dimension => (long)dimension)];
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
        if (_fused && mode != NetworkMode.Primitive)
        {
            return nn.functional.layer_norm(input, _shape, _weight, _bias, Epsilon);
        }

        Tensor centred = input - input.mean(_dimensions, keepdim: true);
        Tensor variance = (centred * centred).mean(_dimensions, keepdim: true);
        return (centred * variance.Plus(_epsilon).rsqrt() * _weight).Plus(_bias);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _epsilon.Dispose();
    }
}
