using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Hessian.Operators;

/// <summary>A loss of outputs and targets, with what its batches' values mean, so that they can be summed exactly.</summary>
/// <param name="Loss">
/// From outputs and targets to one number, differentiable twice, the same each time. A mean must weigh every example
/// alike: with class weights or ignored positions use a sum.
/// </param>
/// <param name="Reduction">
/// Mean: the value is a mean over a batch's examples, and the loss of several batches the mean over all their examples.
/// Sum: both are sums over examples. (<see cref="ScaledOperator"/> turns one into the other.)
/// </param>
/// <param name="Curvature">The Hessian of <paramref name="Loss"/> in the outputs, for the Gauss-Newton matrix; null where that is not wanted.</param>
public sealed record Criterion(Func<Tensor, Tensor, Tensor> Loss, Reduction Reduction, OutputHessian? Curvature = null)
{
    /// <summary>Cross-entropy of logits [n, classes, ...] and class indices.</summary>
    /// <param name="reduction">Mean or sum.</param>
    /// <exception cref="ArgumentOutOfRangeException">Neither mean nor sum.</exception>
    public static Criterion CrossEntropy(Reduction reduction = Reduction.Mean) => new(
        (outputs, targets) => functional.cross_entropy(outputs, targets, reduction: reduction),
        reduction, OutputHessians.CrossEntropy(reduction));

    /// <summary>Squared error of outputs and targets of one shape; the mean is over all elements, as in PyTorch.</summary>
    /// <param name="reduction">Mean or sum.</param>
    /// <exception cref="ArgumentOutOfRangeException">Neither mean nor sum.</exception>
    public static Criterion SquaredError(Reduction reduction = Reduction.Mean) => new(
        (outputs, targets) => functional.mse_loss(outputs, targets, reduction), reduction, OutputHessians.SquaredError(reduction));
}
