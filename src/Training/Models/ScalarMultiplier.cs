using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>x * c with one trained number c, at first 1 (Zhang et al. 2019).</summary>
public sealed class ScalarMultiplier : Layer
{
    private readonly Tensor _weight;

    /// <summary>The identity.</summary>
    public ScalarMultiplier(NetworkOptions options)
    {
        _weight = Parameter([1], 1, options);
        Parameters = [new("weight", _weight, ParameterRole.Scalar)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<NamedTensor> Parameters { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode) => input * _weight;
}
