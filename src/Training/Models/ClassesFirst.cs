using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>[N, T, classes] to [N, classes, T], the order that losses and accuracy take logits in.</summary>
public sealed class ClassesFirst : Layer
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.transpose(1, 2);
    }
}
