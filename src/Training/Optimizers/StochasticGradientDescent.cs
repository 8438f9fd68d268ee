using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Optimizers;

/// <summary>w -= eta g. No state.</summary>
public sealed class StochasticGradientDescent(OptimizerSpecification specification, FlatParameters parameters)
    : Optimizer(specification, parameters)
{
    /// <inheritdoc/>
    protected override void Update(double learningRate)
    {
        AddL2();
        Add(Values, Gradients, -learningRate);
    }
}
