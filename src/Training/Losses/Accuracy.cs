using static TorchSharp.torch;

namespace CurvatureActors.Training.Losses;

/// <summary>How many of a batch are classified correctly.</summary>
public static class Accuracy
{
    /// <summary>Number of rows of <paramref name="logits"/> [N, classes] whose largest entry is at the label.</summary>
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
