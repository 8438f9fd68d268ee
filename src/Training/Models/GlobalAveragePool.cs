using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>Mean over all positions: [N, C, H, W] to [N, C].</summary>
public sealed class GlobalAveragePool : Layer
{
    private static readonly long[] Positions = [2, 3];

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.mean(Positions);
    }
}
