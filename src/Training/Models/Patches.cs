using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>
/// Cuts images into square patches, row by row: [N, C, H, W] to [N, H/size * W/size, C * size * size].
/// </summary>
public sealed class Patches(int size) : Layer
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode)
    {
        ArgumentNullException.ThrowIfNull(input);
        long[] shape = input.shape;
        long rows = shape[2] / size;
        long columns = shape[3] / size;
        return input.view(shape[0], shape[1], rows, size, columns, size)
            .permute(0, 2, 4, 1, 3, 5)
            .reshape(shape[0], rows * columns, shape[1] * size * size);
    }
}
