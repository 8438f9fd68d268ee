using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Optimizers;

/// <summary>What a registered optimizer can be asked.</summary>
/// <param name="Create">The rule with empty state for these parameters.</param>
/// <param name="Stability">Where its edge of stability lies.</param>
/// <param name="PreconditionerDiagonal">
/// P of the update eta P^(-1) m as a new tensor, from the constants, the state by name and the number of updates (so
/// that it works on a snapshot); null for rules without one, and a null result before the first update.
/// </param>
public sealed record OptimizerKind(
    Func<OptimizerSpecification, FlatParameters, Optimizer> Create,
    Func<OptimizerSpecification, OptimizerStability> Stability,
    Func<OptimizerSpecification, Func<string, Tensor>, long, Tensor?>? PreconditionerDiagonal = null)
{
    /// <summary>Whether the threshold is about the preconditioned Hessian.</summary>
    public bool IsPreconditioned => PreconditionerDiagonal is not null;

    /// <summary>
    /// u of the next update w -= eta u, found by making that update with eta = 1: each rule's step is its rate times
    /// something that does not depend on the rate.
    /// </summary>
    /// <param name="specification">Constants of the rule.</param>
    /// <param name="scratch">Parameters and gradient of the update, in any precision; changed.</param>
    /// <param name="state">State vectors by name, as in a snapshot.</param>
    /// <param name="updates">Updates that the state has seen.</param>
    /// <returns>A new tensor of shape [number of parameters], of the precision of <paramref name="scratch"/>.</returns>
    public Tensor NextUpdate(
        OptimizerSpecification specification, FlatParameters scratch, Func<string, Tensor> state, long updates)
    {
        ArgumentNullException.ThrowIfNull(scratch);
        ArgumentNullException.ThrowIfNull(state);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        using Optimizer optimizer = Create(specification, scratch);
        foreach (NamedTensor tensor in optimizer.State)
        {
            tensor.Value.copy_(state(tensor.Name));
        }

        optimizer.Updates = updates;
        Tensor before = scratch.Values.clone();
        optimizer.Step(learningRate: 1);
        return before.sub_(scratch.Values).MoveToOuterDisposeScope();
    }
}
