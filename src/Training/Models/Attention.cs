using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>
/// Self-attention of several heads (Vaswani et al. 2017): softmax(Q Kᵀ / sqrt(d)) V for each head of width d, then a
/// projection; [N, T, width] to the same shape. Written from primitives: no fused kernel has all derivatives.
/// </summary>
public sealed class Attention : CompositeLayer
{
    private readonly long _heads;
    private readonly Scalar _scale;
    private readonly Scalar _minusInfinity = double.NegativeInfinity.ToScalar();
    private readonly Tensor? _later;
    private readonly FullyConnected _query;
    private readonly FullyConnected _key;
    private readonly FullyConnected _value;
    private readonly FullyConnected _output;

    /// <summary>A layer with zero weights.</summary>
    /// <param name="width">Features of a position.</param>
    /// <param name="heads">A divisor of the width.</param>
    /// <param name="options">Type and device.</param>
    /// <param name="causalLength">Positions when each may look only at itself and those before it; null when at all.</param>
    /// <exception cref="ArgumentException">The heads do not divide the width.</exception>
    public Attention(int width, int heads, NetworkOptions options, int? causalLength = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (heads < 1 || width % heads != 0)
        {
            throw new ArgumentException($"A width of {width} cannot be split into {heads} equal heads.", nameof(heads));
        }

        _heads = heads;
        _scale = (1 / Math.Sqrt((double)width / heads)).ToScalar();
        _query = Add("query", Projection());
        _key = Add("key", Projection());
        _value = Add("value", Projection());
        _output = Add("output", Projection());
        if (causalLength is int length)
        {
            using DisposeScope scope = NewDisposeScope();
            _later = ones(length, length, ScalarType.Bool, options.Device).triu(1).DetachFromDisposeScope();
        }

        FullyConnected Projection() => new(width, width, bias: true, options, ParameterRole.Linear);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode)
    {
        ArgumentNullException.ThrowIfNull(input);
        (long examples, long positions) = (input.shape[0], input.shape[1]);

        // bmm: an error in TorchSharp's matmul would end the process.
        Tensor scores = Heads(_query).bmm(Heads(_key).transpose(1, 2)).mul(_scale);
        if (_later is not null)
        {
            scores = scores.masked_fill(_later, _minusInfinity);
        }

        Tensor mixed = scores.softmax(-1).bmm(Heads(_value)).view(examples, _heads, positions, -1);
        return _output.Forward(mixed.transpose(1, 2).reshape(input.shape), mode);

        // [N, T, width] to [N * heads, T, width / heads].
        Tensor Heads(FullyConnected projection) => projection.Forward(input, mode)
            .view(examples, positions, _heads, -1).transpose(1, 2).reshape(examples * _heads, positions, -1);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _scale.Dispose();
        _minusInfinity.Dispose();
        _later?.Dispose();
    }
}
