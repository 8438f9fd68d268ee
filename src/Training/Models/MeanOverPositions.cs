using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>[N, T, width] to [N, width].</summary>
public sealed class MeanOverPositions : Layer
{
    private static readonly long[] Dimension = [1];

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.mean(Dimension);
    }
}
