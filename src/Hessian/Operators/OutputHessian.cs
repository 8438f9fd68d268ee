using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Hessian.Operators;

/// <summary>
/// H_out u: the Hessian of a loss in the model's outputs, times a vector of the outputs' shape. Closed forms for the
/// usual losses; neither depends on the labels.
/// </summary>
/// <param name="outputs">z, without a graph.</param>
/// <param name="vector">u, of the shape of z.</param>
/// <returns>A new tensor of that shape. Symmetric in u, and positive semi-definite for a loss convex in z.</returns>
public delegate Tensor OutputHessian(Tensor outputs, Tensor vector);

/// <summary>The output Hessians of the usual losses.</summary>
public static class OutputHessians
{
    /// <summary>
    /// Cross-entropy of logits z [n, classes, ...] along dimension 1: with p = softmax(z), p * u - p (p . u), over the
    /// number of positions for the mean. Also with label smoothing, but not with class weights or ignored positions.
    /// </summary>
    /// <param name="reduction">Mean or sum, as the loss has it.</param>
    /// <exception cref="ArgumentOutOfRangeException">Neither mean nor sum.</exception>
    public static OutputHessian CrossEntropy(Reduction reduction = Reduction.Mean)
    {
        Check(reduction);
        return (outputs, vector) =>
        {
            if (outputs.dim() < 2)
            {
                throw new ArgumentException(
                    $"Logits have shape [{string.Join(", ", outputs.shape)}]; cross-entropy needs [n, classes, ...].", nameof(outputs));
            }

            using DisposeScope scope = NewDisposeScope();
            Tensor p = outputs.softmax(1);
            Tensor weighted = p * vector;
            double positions = reduction == Reduction.Mean ? (double)outputs.numel() / outputs.shape[1] : 1;
            return (weighted - p * weighted.sum(1, keepdim: true)).Over(positions).MoveToOuterDisposeScope();
        };
    }

    /// <summary>Squared error |z - y|^2: 2 u, over the number of elements for the mean.</summary>
    /// <param name="reduction">Mean (over all elements, as PyTorch's <c>mse_loss</c>) or sum.</param>
    /// <exception cref="ArgumentOutOfRangeException">Neither mean nor sum.</exception>
    public static OutputHessian SquaredError(Reduction reduction = Reduction.Mean)
    {
        Check(reduction);
        return (outputs, vector) => vector.Times(2.0 / (reduction == Reduction.Mean ? outputs.numel() : 1));
    }

    private static void Check(Reduction reduction)
    {
        if (reduction is not (Reduction.Mean or Reduction.Sum))
        {
            throw new ArgumentOutOfRangeException(nameof(reduction), reduction, "The reduction must be mean or sum.");
        }
    }
}
