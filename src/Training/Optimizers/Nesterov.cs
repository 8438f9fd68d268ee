using CurvatureActors.Hessian;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Optimizers;

/// <summary>
/// Nesterov's momentum as PyTorch writes it: m = beta m + g, w -= eta (g + beta m). State: <c>momentum</c>.
/// </summary>
public sealed class Nesterov(OptimizerSpecification specification, FlatParameters parameters)
    : Optimizer(specification, parameters, "momentum")
{
    /// <inheritdoc/>
    protected override void Update(double learningRate)
    {
        AddL2();
        Multiply(State[0].Value, Specification.Momentum);
        State[0].Value.PlusInPlace(Gradients);
        Add(Gradients, State[0].Value, Specification.Momentum);
        Add(Values, Gradients, -learningRate);
    }
}
