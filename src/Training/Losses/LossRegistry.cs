using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Losses;

/// <summary>The losses by name.</summary>
public static class LossRegistry
{
    /// <summary><c>cross-entropy</c>, <c>mse</c>.</summary>
    public static Registry<LossFunction> Losses { get; } = new(
        "loss",
        ("cross-entropy", CrossEntropy),
        ("mse", MeanSquaredError));

    /// <summary>The Hessian of each in the logits, for the Gauss-Newton matrix.</summary>
    public static Registry<OutputHessian> OutputHessians { get; } = new(
        "loss",
        ("cross-entropy", Hessian.Operators.OutputHessians.CrossEntropy()),
        ("mse", Hessian.Operators.OutputHessians.SquaredError()));

    /// <summary>-log softmax(logits)[label], mean over the batch, in nats.</summary>
    public static Tensor CrossEntropy(Tensor logits, Tensor labels) => nn.functional.cross_entropy(logits, labels);

    /// <summary>(logits - onehot(label))^2, mean over batch and classes.</summary>
    public static Tensor MeanSquaredError(Tensor logits, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(logits);
        using DisposeScope scope = NewDisposeScope();
        Tensor difference = logits - nn.functional.one_hot(labels, logits.shape[1]).to_type(logits.dtype);
        return (difference * difference).mean().MoveToOuterDisposeScope();
    }
}
