using CurvatureActors.Hessian;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>x + b with one trained number b, at first 0 (Zhang et al. 2019).</summary>
public sealed class ScalarBias : Layer
{
    private readonly Tensor _bias;

    /// <summary>The identity.</summary>
    public ScalarBias(NetworkOptions options)
    {
        _bias = Parameter([1], 0, options);
        Parameters = [new("bias", _bias, ParameterRole.Scalar)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<NamedTensor> Parameters { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode) => input.Plus(_bias);
}
