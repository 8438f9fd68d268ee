using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>[N, ...] to [N, product of the rest].</summary>
public sealed class Flatten : Layer
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.flatten(1);
    }
}
