using CurvatureActors.Hessian;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Optimizers;

/// <summary>
/// Polyak's momentum as PyTorch writes it: m = beta m + g, w -= eta m; no dampening, the rate outside the momentum.
/// State: <c>momentum</c>.
/// </summary>
public sealed class HeavyBall(OptimizerSpecification specification, FlatParameters parameters)
    : Optimizer(specification, parameters, "momentum")
{
    /// <inheritdoc/>
    protected override void Update(double learningRate)
    {
        AddL2();
        Multiply(State[0].Value, Specification.Momentum);
        State[0].Value.PlusInPlace(Gradients);
        Add(Values, State[0].Value, -learningRate);
    }
}
