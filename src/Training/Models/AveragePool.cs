using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>
/// Mean over a square window: [N, C, H, W] to [N, C, floor((H - window) / stride) + 1, the same of W].
/// </summary>
/// <param name="window">Side of the window; at most H and W.</param>
/// <param name="stride">Positions from one window to the next.</param>
public sealed class AveragePool(long window = 2, long stride = 2) : Layer
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode) => nn.functional.avg_pool2d(input, window, stride);
}
