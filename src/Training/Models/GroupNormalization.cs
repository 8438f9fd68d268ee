using CurvatureActors.Hessian;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>
/// Normalises groups of neighbouring channels of each example, statistics over channels of the group and positions
/// (Wu and He 2018; the function of torch.nn.GroupNorm, epsilon 1e-5), weight and bias for each channel.
/// </summary>
/// <remarks>
/// Torch's kernel, but in <see cref="NetworkMode.Primitive"/> and without <see cref="NetworkOptions.FusedNormalization"/>,
/// where it is written from primitives.
/// </remarks>
public sealed class GroupNormalization : Layer
{
    /// <summary>Most groups that a layer is split into when not told.</summary>
    public const int MostGroups = 8;

    private static readonly long[] OfGroup = [-1];

    private readonly long _groups;
    private readonly bool _fused;
    private readonly Tensor _weight;
    private readonly Tensor _bias;
    private readonly Scalar _epsilon = LayerNormalization.Epsilon.ToScalar();

    /// <summary>Normalises so many channels (dimension 1 of the input).</summary>
    /// <param name="channels">Channels or features.</param>
    /// <param name="options">Type and device.</param>
    /// <param name="groups">
    /// A divisor of the channels; null for <see cref="MostGroups"/>, or as many of its factors as leave two channels or
    /// more in a group: groups of one would take away what averages over positions tell.
    /// </param>
    /// <exception cref="ArgumentException">The groups do not divide the channels.</exception>
    public GroupNormalization(long channels, NetworkOptions options, long? groups = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _fused = options.FusedNormalization;
        _groups = groups ?? (channels % 2 == 0 ? CommonDivisor(channels / 2, MostGroups) : 1);
        if (_groups < 1 || channels % _groups != 0)
        {
            throw new ArgumentException($"{channels} channels cannot be split into {_groups} equal groups.", nameof(groups));
        }

        _weight = Parameter([channels], 1, options);
        _bias = Parameter([channels], 0, options);
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
            return nn.functional.group_norm(input, _groups, _weight, _bias, LayerNormalization.Epsilon);
        }

        long[] shape = input.shape;
        Tensor groups = input.reshape(shape[0], _groups, -1);
        Tensor centred = groups - groups.mean(OfGroup, keepdim: true);
        Tensor variance = (centred * centred).mean(OfGroup, keepdim: true);
        Tensor normalised = (centred * variance.Plus(_epsilon).rsqrt()).view(shape);
        long[] perChannel = [-1, .. Enumerable.Repeat(1L, shape.Length - 2)];
        return (normalised * _weight.view(perChannel)).Plus(_bias.view(perChannel));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _epsilon.Dispose();
    }

    private static long CommonDivisor(long a, long b) => b == 0 ? a : CommonDivisor(b, a % b);
}
