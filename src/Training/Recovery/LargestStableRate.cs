using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Recovery;

/// <summary>The learning rate at which an optimizer reaches its edge of stability at a given curvature.</summary>
internal static class LargestStableRate
{
    /// <summary>
    /// eta such that c/eta - g = lambda1, with g the weight decay and c = 2 for sgd, 2(1+b) for heavy ball,
    /// 2(1+b)/(1+2b) for Nesterov as PyTorch writes it, 2(1+b1)/(1-b1) for Adam and AdamW on the preconditioned
    /// Hessian (curvature notes, section 2; Cohen et al., arXiv 2207.14484, for Adam). Null when lambda1 + g is not
    /// positive, where every rate is stable.
    /// </summary>
    /// <exception cref="ArgumentException">The optimizer has no entry here.</exception>
    internal static double? Of(OptimizerSpecification optimizer, double lambda1)
    {
        double b = optimizer.Momentum;
        double constant = optimizer.Kind switch
        {
            "sgd" => 2,
            "heavy-ball" => 2 * (1 + b),
            "nesterov" => 2 * (1 + b) / (1 + (2 * b)),
            "adam" or "adamw" => 2 * (1 + optimizer.Beta1) / (1 - optimizer.Beta1),
            _ => throw new ArgumentException($"The stability threshold is not known for the optimizer \"{optimizer.Kind}\"."),
        };
        double rate = constant / (lambda1 + optimizer.WeightDecay);
        return rate > 0 && double.IsFinite(rate) ? rate : null;
    }

    /// <summary>Whether the optimizer's threshold is about the preconditioned Hessian.</summary>
    internal static bool IsPreconditioned(OptimizerSpecification optimizer) => optimizer.Kind is "adam" or "adamw";
}
