using CurvatureActors.Hessian;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Optimizers;

/// <summary>
/// Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019) as PyTorch writes them, with bias correction:
/// m = b1 m + (1-b1) g, v = b2 v + (1-b2) g^2, w -= eta/(1-b1^t) * m / (sqrt(v/(1-b2^t)) + eps), t counted from 1.
/// Weight decay is an L2 term in g, or, decoupled, w *= 1 - eta decay before the update.
/// State: <c>exp_avg</c> (m), <c>exp_avg_sq</c> (v).
/// GI-Adam (Kalra and Barkeshli 2024) starts with v = g^2 of the first gradient instead of 0 and keeps the correction
/// 1-b2^t, which then acts as a warmup: the first updates have about sqrt(1-b2^t) of their size.
/// </summary>
public sealed class Adam(OptimizerSpecification specification, FlatParameters parameters, bool decoupled)
    : Optimizer(specification, parameters, "exp_avg", "exp_avg_sq")
{
    /// <summary>What <c>optimizer.second-moment-init</c> may be, the default first.</summary>
    public static IReadOnlyList<string> SecondMomentInits { get; } = ["zero", GradientInit];

    private const string GradientInit = "gradient";

    /// <summary>
    /// The diagonal P = sqrt(v/(1-b2^t)) + eps that Adam divides by after t updates, shape [number of parameters].
    /// The bias correction of v is in; the factor 1/(1-b1^t) of the first moment is not, so the effective rate early on
    /// is eta/(1-b1^t). Null before the first update, when there is no v.
    /// </summary>
    /// <param name="specification">b2 and eps are read.</param>
    /// <param name="state">Gives <c>exp_avg_sq</c>, of which a new tensor is made.</param>
    /// <param name="updates">t.</param>
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
        Tensor diagonal = state("exp_avg_sq").sqrt();
        CorrectDenominator(diagonal, specification, updates);
        return diagonal;
    }

    /// <inheritdoc/>
    protected override void Update(double learningRate)
    {
        (Tensor mean, Tensor square) = (State[0].Value, State[1].Value);
        if (decoupled)
        {
            Multiply(Values, 1 - (learningRate * Specification.WeightDecay));
        }
        else
        {
            AddL2();
        }

        if (Updates == 1 && Specification.SecondMomentInit == GradientInit)
        {
            square.copy_(Gradients);
            square.mul_(Gradients);
        }

        Multiply(mean, Specification.Beta1);
        Add(mean, Gradients, 1 - Specification.Beta1);
        Multiply(square, Specification.Beta2);
        using (Scalar weight = (1 - Specification.Beta2).ToScalar())
        {
            square.addcmul_(Gradients, Gradients, weight);
        }

        // From here on the gradient's memory is the denominator: nothing is allocated.
        Gradients.copy_(square);
        Gradients.sqrt_();
        CorrectDenominator(Gradients, Specification, Updates);
        using Scalar step = (-learningRate / (1 - Math.Pow(Specification.Beta1, Updates))).ToScalar();
        Values.addcdiv_(mean, Gradients, step);
    }

    private static void CorrectDenominator(Tensor root, OptimizerSpecification specification, long updates)
    {
        using Scalar correction = Math.Sqrt(1 - Math.Pow(specification.Beta2, updates)).ToScalar();
        using Scalar epsilon = specification.Epsilon.ToScalar();
        root.div_(correction);
        root.PlusInPlace(epsilon);
    }
}
