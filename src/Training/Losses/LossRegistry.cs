using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Losses;

/// <summary>The losses by name.</summary>
public static class LossRegistry
{
    /// <summary><c>cross-entropy</c>, <c>mse</c>; <c>output</c> for analytic models.</summary>
    public static Registry<LossFunction> Losses { get; } = new(
        "loss",
        ("cross-entropy", CrossEntropy),
        ("mse", MeanSquaredError),
        ("output", MeanOutput));

    /// <summary>
    /// The same losses for curvature: equal but for rounding, and accurate in their second derivatives where the network is sure.
    /// </summary>
    public static Registry<LossFunction> Curved { get; } = new(
        "loss",
        ("cross-entropy", SureCrossEntropy),
        ("mse", MeanSquaredError),
        ("output", MeanOutput));

    /// <summary>The Hessian of each in the logits, for the Gauss-Newton matrix.</summary>
    public static Registry<OutputHessian> OutputHessians { get; } = new(
        "loss",
        ("cross-entropy", Hessian.Operators.OutputHessians.CrossEntropy()),
        ("mse", Hessian.Operators.OutputHessians.SquaredError()));

    /// <summary>-log softmax(logits)[target] along dimension 1, mean over examples and positions, in nats.</summary>
    public static Tensor CrossEntropy(Tensor logits, Tensor targets) => nn.functional.cross_entropy(logits, targets);

    /// <summary>The same by <see cref="Hessian.Operators.CrossEntropy"/>.</summary>
    private static Tensor SureCrossEntropy(Tensor logits, Tensor targets)
    {
        using Tensor losses = Hessian.Operators.CrossEntropy.Of(logits, targets);
        return losses.mean();
    }

    /// <summary>(logits - onehot(target))^2, mean over examples, positions and classes.</summary>
    public static Tensor MeanSquaredError(Tensor logits, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(logits);
        using DisposeScope scope = NewDisposeScope();
        Tensor oneHot = nn.functional.one_hot(targets, logits.shape[1]).to_type(logits.dtype);
        Tensor difference = logits - (logits.dim() > 2 ? oneHot.transpose(1, -1) : oneHot);
        return (difference * difference).mean().MoveToOuterDisposeScope();
    }

    /// <summary>The mean of outputs that are the losses of their examples; targets are not looked at.</summary>
    public static Tensor MeanOutput(Tensor outputs, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        return outputs.mean();
    }
}
