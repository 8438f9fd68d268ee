using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
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
}
