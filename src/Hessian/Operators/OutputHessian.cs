using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Hessian.Operators;

/// <summary>
/// H_out u: the Hessian of a loss in the model's outputs, times a vector of the outputs' shape. Closed forms for the
/// usual losses; they depend on labels only by class weights and by which positions are ignored.
/// </summary>
/// <param name="outputs">z, without a graph.</param>
/// <param name="vector">u, of the shape of z.</param>
/// <returns>A new tensor of that shape. Symmetric in u, and positive semi-definite for a loss convex in z.</returns>
public delegate Tensor OutputHessian(Tensor outputs, Tensor vector);

/// <summary>The output Hessians of the usual losses.</summary>
public static class OutputHessians
{
    /// <summary>The class index of positions that cross-entropy ignores, unless another is given.</summary>
    public const long Ignored = -100;

    /// <summary>
    /// Cross-entropy of logits z [n, classes, ...] along dimension 1: with p = softmax(z), p * u - p (p . u), over the
    /// number of positions for the mean. Also with label smoothing; with class weights or ignored positions
    /// it takes the targets.
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
            // Constants along the classes are in its kernel. Without the entry of the likeliest class the sum is one of the
            // small probabilities only, where it would be the difference of two near 1.
            Tensor likeliest = outputs.argmax(1, keepdim: true);
            Tensor relative = vector - vector.gather(1, likeliest);
            Tensor p = outputs.softmax(1);
            Tensor weighted = p * relative;
            double positions = reduction == Reduction.Mean ? (double)outputs.numel() / outputs.shape[1] : 1;
            return (weighted - p * weighted.sum(1, keepdim: true)).Over(positions).MoveToOuterDisposeScope();
        };
    }

    /// <summary>
    /// The same with the targets that say what each position weighs: its class's weight, 0 where it is ignored, and for
    /// probabilities their sum under the weights. The mean is as in PyTorch: over the weights for class indices, over the
    /// positions for probabilities.
    /// </summary>
    /// <param name="targets">Class indices [n, ...] or probabilities of the logits' shape.</param>
    /// <param name="reduction">Mean or sum, as the loss has it.</param>
    /// <param name="weights">Weights of the classes, shape [classes]; all 1 when null.</param>
    /// <param name="ignored">The class index of positions that do not count.</param>
    /// <exception cref="ArgumentOutOfRangeException">Neither mean nor sum.</exception>
    public static OutputHessian CrossEntropy(
        Tensor targets, Reduction reduction = Reduction.Mean, Tensor? weights = null, long ignored = Ignored)
    {
        ArgumentNullException.ThrowIfNull(targets);
        OutputHessian alike = CrossEntropy(Reduction.Sum);
        Check(reduction);
        return (outputs, vector) =>
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor product = alike(outputs, vector) * Importance(targets, weights, ignored).to(outputs.dtype).unsqueeze(1);
            return (reduction == Reduction.Mean ? product.Over(Divisor(targets, weights, ignored)) : product).MoveToOuterDisposeScope();
        };
    }

    /// <summary>What the mean of cross-entropy divides by.</summary>
    internal static double Divisor(Tensor targets, Tensor? weights, long ignored)
    {
        using DisposeScope scope = NewDisposeScope();
        return targets.is_floating_point()
            ? (double)targets.numel() / targets.shape[1]
            : Importance(targets, weights, ignored).to(ScalarType.Float64).sum().item<double>();
    }

    /// <summary>What each position weighs, of the shape of class indices.</summary>
    internal static Tensor Importance(Tensor targets, Tensor? weights, long ignored)
    {
        if (targets.is_floating_point())
        {
            // Classes come second: to the end, where the weights meet them.
            return weights is null ? targets.sum(1) : (targets.movedim([1], [-1]) * weights).sum(-1);
        }

        using Scalar none = ignored.ToScalar();
        Tensor counts = targets.ne(none);
        return weights is null
            ? counts.to(ScalarType.Float32)
            : weights.index_select(0, (targets * counts).flatten()).view(targets.shape) * counts;
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
