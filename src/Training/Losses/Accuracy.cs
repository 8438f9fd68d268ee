using static TorchSharp.torch;

namespace CurvatureActors.Training.Losses;

/// <summary>How many targets of a batch are predicted correctly.</summary>
public static class Accuracy
{
    /// <summary>
    /// Number of targets at which the largest entry of <paramref name="logits"/> [N, classes] or [N, classes, positions],
    /// taken along dimension 1, is.
    /// </summary>
    public static long Correct(Tensor logits, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        using Tensor predicted = logits.argmax(1);
        using Tensor equal = predicted.eq(labels);
        using Tensor count = equal.sum();
        return count.item<long>();
    }
}
