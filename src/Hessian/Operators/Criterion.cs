using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Hessian.Operators;

/// <summary>A loss of outputs and targets, with what its batches' values mean, so that they can be summed exactly.</summary>
/// <param name="Loss">
/// From outputs and targets to one number, differentiable twice, the same each time. A mean must weigh every example
/// alike, or say by <see cref="Divisor"/> what it divides by: class weights and ignored positions count there.
/// </param>
/// <param name="Reduction">
/// Mean: the value is a mean over a batch's examples, and the loss of several batches the mean over all their examples.
/// Sum: both are sums over examples. (<see cref="ScaledOperator"/> turns one into the other.)
/// </param>
/// <param name="Curvature">The Hessian of <paramref name="Loss"/> in the outputs, for the Gauss-Newton matrix; null where that is not wanted.</param>
public sealed record Criterion(Func<Tensor, Tensor, Tensor> Loss, Reduction Reduction, OutputHessian? Curvature = null)
{
    /// <summary>
    /// The Hessian in the outputs where it depends on the targets, from a batch's targets; takes the place of <see cref="Curvature"/>.
    /// </summary>
    public Func<Tensor, OutputHessian>? TargetCurvature { get; init; }

    /// <summary>
    /// What a mean divides by, from a batch's targets: the sum of the weights of what counts, at least 0, as
    /// <see cref="ModuleLoss"/> needs to sum batches exactly. Null: a batch's number of examples. A batch with 0 counts nowhere.
    /// </summary>
    public Func<Tensor, double>? Divisor { get; init; }

    /// <summary>
    /// Cross-entropy of logits [n, classes, ...] and class indices [n, ...] or probabilities of the logits' shape, as PyTorch's
    /// <c>cross_entropy</c>: a mean is over the weights of the positions that are not ignored.
    /// </summary>
    /// <param name="reduction">Mean or sum.</param>
    /// <param name="weights">Weights of the classes, shape [classes], at least 0, on the logits' device and of their type; all 1 when null. Not owned.</param>
    /// <param name="ignored">The class index of positions that do not count.</param>
    /// <exception cref="ArgumentOutOfRangeException">Neither mean nor sum.</exception>
    public static Criterion CrossEntropy(
        Reduction reduction = Reduction.Mean, Tensor? weights = null, long ignored = OutputHessians.Ignored)
    {
        Tensor Loss(Tensor outputs, Tensor targets)
        {
            if (targets.is_floating_point() || outputs.dim() < 2 || outputs.shape[1] < 2)
            {
                return functional.cross_entropy(outputs, targets, weights, ignored, reduction);
            }

            using DisposeScope scope = NewDisposeScope();
            Tensor importance = OutputHessians.Importance(targets, weights, ignored).to(outputs.dtype);
            using Scalar none = ignored.ToScalar();
            Tensor sum = (Operators.CrossEntropy.Of(outputs, targets * targets.ne(none)) * importance).sum();
            return (reduction == Reduction.Mean ? sum.Over(OutputHessians.Divisor(targets, weights, ignored)) : sum).MoveToOuterDisposeScope();
        }

        OutputHessian alike = OutputHessians.CrossEntropy(reduction);
        return new Criterion(Loss, reduction, weights is null ? alike : null)
        {
            TargetCurvature = targets => OutputHessians.CrossEntropy(targets, reduction, weights, ignored),
            Divisor = targets => OutputHessians.Divisor(targets, weights, ignored),
        };
    }

    /// <summary>Squared error of outputs and targets of one shape; the mean is over all elements, as in PyTorch.</summary>
    /// <param name="reduction">Mean or sum.</param>
    /// <exception cref="ArgumentOutOfRangeException">Neither mean nor sum.</exception>
    public static Criterion SquaredError(Reduction reduction = Reduction.Mean) => new(
        (outputs, targets) => functional.mse_loss(outputs, targets, reduction), reduction, OutputHessians.SquaredError(reduction));
}
