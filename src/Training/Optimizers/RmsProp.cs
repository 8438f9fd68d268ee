using CurvatureActors.Hessian;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Optimizers;

/// <summary>
/// RMSProp (Tieleman and Hinton 2012) as PyTorch writes it, without momentum and without bias correction:
/// v = a v + (1-a) g^2, w -= eta g / (sqrt(v) + eps), with a = <see cref="OptimizerSpecification.Beta2"/>. Since v
/// starts at 0, the first step has length eta / sqrt(1-a) in every coordinate. Weight decay is an L2 term in g.
/// State: <c>square_avg</c> (v).
/// </summary>
public sealed class RmsProp(OptimizerSpecification specification, FlatParameters parameters)
    : Optimizer(specification, parameters, "square_avg")
{
    /// <summary>
    /// The diagonal P = sqrt(v) + eps that RMSProp divides by, shape [number of parameters]. Null before the first
    /// update, when v is 0.
    /// </summary>
    /// <param name="specification">eps is read.</param>
    /// <param name="state">Gives <c>square_avg</c>, of which a new tensor is made.</param>
    /// <param name="updates">Updates made so far.</param>
    public static Tensor? PreconditionerDiagonal(
        OptimizerSpecification specification, Func<string, Tensor> state, long updates)
    {
        ArgumentNullException.ThrowIfNull(specification);
        ArgumentNullException.ThrowIfNull(state);
        if (updates == 0)
        {
            return null;
        }

        using IDisposable noGrad = no_grad();
        using Scalar epsilon = specification.Epsilon.ToScalar();
        return state("square_avg").sqrt().PlusInPlace(epsilon);
    }

    /// <inheritdoc/>
    protected override void Update(double learningRate)
    {
        AddL2();
        Tensor square = State[0].Value;
        Multiply(square, Specification.Beta2);
        using (Scalar weight = (1 - Specification.Beta2).ToScalar())
        {
            square.addcmul_(Gradients, Gradients, weight);
        }

        using Tensor denominator = square.sqrt();
        using Scalar epsilon = Specification.Epsilon.ToScalar();
        denominator.PlusInPlace(epsilon);
        using Scalar step = (-learningRate).ToScalar();
        Values.addcdiv_(Gradients, denominator, step);
    }
}
