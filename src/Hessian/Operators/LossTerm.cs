using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>
/// One summand of a weighted loss. Mean losses of unequal batches, each weighted by its share of the examples
/// (n_i / N), sum to the mean over all of them exactly.
/// </summary>
/// <param name="Evaluate">
/// The loss at the current parameters: a tensor of one element, recorded by autograd. Batch, mode of the model
/// (BatchNorm, dropout; see <see cref="ModuleLoss"/>) and the L2 term are the caller's choice; it must give the same
/// function every time. It is evaluated inside a dispose scope of the operator's: once when its graph is kept, in every
/// product otherwise.
/// </param>
/// <param name="Weight">Factor of this loss in the sum; finite.</param>
public sealed record LossTerm(Func<Tensor> Evaluate, double Weight = 1)
{
    /// <summary>Bytes that its graph takes, for the budget; measured when null.</summary>
    public long? GraphBytes { get; init; }
}
