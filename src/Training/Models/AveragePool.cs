using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>Mean over 2x2 positions with stride 2: [N, C, H, W] to [N, C, floor(H/2), floor(W/2)].</summary>
public sealed class AveragePool : Layer
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode) => nn.functional.avg_pool2d(input, 2, 2);
}
