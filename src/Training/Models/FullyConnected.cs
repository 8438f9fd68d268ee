using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>y = x Wᵀ + b, with x of shape [N, ..., inputs], W of shape [outputs, inputs].</summary>
public sealed class FullyConnected : Layer
{
    private readonly Tensor _weight;
    private readonly Tensor? _bias;

    /// <summary>A layer with zero weights; see Initialisation.</summary>
    public FullyConnected(
        long inputs, long outputs, bool bias, NetworkOptions options, ParameterRole role = ParameterRole.Rectified)
    {
        _weight = Parameter([outputs, inputs], 0, options);
        _bias = bias ? Parameter([outputs], 0, options) : null;
        NamedTensor weight = new("weight", _weight, role);
        Parameters = _bias is null ? [weight] : [weight, new("bias", _bias)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<NamedTensor> Parameters { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode) => nn.functional.linear(input, _weight, _bias);
}
