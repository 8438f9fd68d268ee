using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>
/// Cross-entropy in a form whose derivatives keep their accuracy where the network is sure and right: log(1 + exp(x)) with
/// x = log sum_{j != y} exp(z_j) - z_y. The usual form, log sum_j exp(z_j) - z_y, has 1 - p_y in its derivatives, of which rounding
/// leaves little once p_y is near 1: of a loss of 1e-7, hundredths of the curvature are lost in float32.
/// </summary>
public static class CrossEntropy
{
    /// <summary>-log softmax(z)[y] along dimension 1, in nats, of each position.</summary>
    /// <param name="logits">z, [n, classes, ...], at least two classes.</param>
    /// <param name="labels">y, int64 [n, ...], each from 0 to below the classes.</param>
    /// <returns>A new tensor [n, ...] that can be differentiated as often as one likes, in the current dispose scope.</returns>
    public static Tensor Of(Tensor logits, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        using DisposeScope scope = NewDisposeScope();
        Tensor index = labels.unsqueeze(1);
        Tensor against = logits - logits.gather(1, index);
        Tensor none = empty(index.shape, logits.dtype, logits.device).FillInPlace(double.NegativeInfinity);
        Tensor odds = against.scatter(1, index, none).logsumexp(1);

        // log(1 + exp(x)), of -|x| so that nothing overflows; at x = 0 both parts take the side of x < 0.
        Tensor lower = odds.le(zeros_like(odds));
        Tensor rest = where(lower, odds, odds.neg()).exp().log1p();
        return rest.Plus(where(lower, zeros_like(odds), odds)).MoveToOuterDisposeScope();
    }
}
