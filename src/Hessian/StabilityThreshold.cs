namespace CurvatureActors.Hessian;

/// <summary>
/// The largest lambda1 at which an optimizer's update on a quadratic does not diverge, from its constants: full batch,
/// late in training (momentum filled). Being above is a warning, not a verdict: training often recovers by itself.
/// </summary>
/// <remarks>
/// <para>
/// All have the form C/eta - s. Divergence sets in where a root of the update's characteristic polynomial passes -1
/// (Cohen et al. 2021, arXiv 2103.00065, and 2022, arXiv 2207.14484; docs/curvature.md). An L2 term g/2 |w|^2
/// adds g to every eigenvalue of the loss Hessian, so the threshold on the Hessian without that term is lower by g.
/// </para>
/// <para>
/// Limitations: with small batches noise takes over and <see cref="BatchSharpness"/> is the better gauge. The paper
/// (Gilmer et al., arXiv 2110.04369) draws <see cref="Sgd"/> even where it trains with momentum.
/// </para>
/// </remarks>
public static class StabilityThreshold
{
    /// <summary>Gradient descent: 2/eta - g.</summary>
    /// <param name="learningRate">eta, above 0.</param>
    /// <param name="weightDecay">g, at least 0.</param>
    /// <returns>Threshold on lambda1 of the loss Hessian without the L2 term.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A constant is out of range.</exception>
    public static double Sgd(double learningRate, double weightDecay = 0) =>
        Threshold(SgdConstant, learningRate, weightDecay);

    /// <summary>Heavy ball as PyTorch's <c>momentum</c> writes it, without dampening: 2(1+b)/eta - g.</summary>
    /// <param name="learningRate">eta, above 0.</param>
    /// <param name="momentum">b, at least 0 and below 1.</param>
    /// <param name="weightDecay">g, at least 0.</param>
    /// <returns>Threshold on lambda1 of the loss Hessian without the L2 term.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A constant is out of range.</exception>
    public static double HeavyBall(double learningRate, double momentum, double weightDecay = 0) =>
        Threshold(HeavyBallConstant(momentum), learningRate, weightDecay);

    /// <summary>Nesterov's method as PyTorch writes it: 2(1+b)/((1+2b) eta) - g.</summary>
    /// <param name="learningRate">eta, above 0.</param>
    /// <param name="momentum">b, at least 0 and below 1.</param>
    /// <param name="weightDecay">g, at least 0.</param>
    /// <returns>Threshold on lambda1 of the loss Hessian without the L2 term.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A constant is out of range.</exception>
    public static double Nesterov(double learningRate, double momentum, double weightDecay = 0) =>
        Threshold(NesterovConstant(momentum), learningRate, weightDecay);

    /// <summary>
    /// Adam with its preconditioner P = sqrt(v_hat) + eps held still: 2(1+b1)/((1-b1) eta). For Adam with an L2 term,
    /// add that term to the Hessian before preconditioning (<see cref="Operators.ShiftedOperator"/>).
    /// </summary>
    /// <param name="learningRate">eta, above 0.</param>
    /// <param name="beta1">b1, at least 0 and below 1.</param>
    /// <param name="decoupledWeightDecay">
    /// AdamW's g, at least 0: the weights shrink by eta g outside the preconditioner, which lowers the threshold by
    /// g (1+b1)/(1-b1).
    /// </param>
    /// <returns>Threshold on lambda1 of P^(-1/2) H P^(-1/2).</returns>
    /// <exception cref="ArgumentOutOfRangeException">A constant is out of range.</exception>
    public static double Adam(double learningRate, double beta1, double decoupledWeightDecay = 0)
    {
        double constant = AdamConstant(beta1);
        return Threshold(constant, learningRate, decoupledWeightDecay, constant / 2);
    }

    /// <summary>
    /// RMSProp without momentum, its preconditioner P = sqrt(v) + eps held still: gradient descent on the preconditioned
    /// loss, 2/eta. With an L2 term, add that term to the Hessian before preconditioning
    /// (<see cref="Operators.ShiftedOperator"/>).
    /// </summary>
    /// <param name="learningRate">eta, above 0.</param>
    /// <returns>Threshold on lambda1 of P^(-1/2) H P^(-1/2).</returns>
    /// <exception cref="ArgumentOutOfRangeException">A constant is out of range.</exception>
    public static double RmsProp(double learningRate) => Threshold(SgdConstant, learningRate, 0);

    /// <summary>
    /// The first step, with empty momentum: 2/eta - g. Holds for SGD, heavy ball and bias-corrected Adam; PyTorch's
    /// Nesterov moves by (1+b) eta in its first step already, so give it that rate.
    /// </summary>
    /// <param name="learningRate">eta, above 0.</param>
    /// <param name="weightDecay">g, at least 0.</param>
    /// <returns>The lambda1 above which the first step overshoots further than it began.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A constant is out of range.</exception>
    public static double FirstStep(double learningRate, double weightDecay = 0) =>
        Threshold(SgdConstant, learningRate, weightDecay);

    /// <summary>Small batches with heavy-ball momentum, on the batch sharpness: 2(1-b)/eta - g.</summary>
    /// <param name="learningRate">eta, above 0.</param>
    /// <param name="momentum">b, at least 0 and below 1.</param>
    /// <param name="weightDecay">g, at least 0.</param>
    /// <returns>Threshold on the batch sharpness.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A constant is out of range.</exception>
    public static double BatchSharpness(double learningRate, double momentum, double weightDecay = 0) =>
        Threshold(2 * (1 - Fraction(momentum, nameof(momentum))), learningRate, weightDecay);

    /// <summary>C of gradient descent.</summary>
    public const double SgdConstant = 2;

    /// <summary>C of heavy ball: 2(1+b).</summary>
    /// <param name="momentum">b, at least 0 and below 1.</param>
    /// <returns>eta times the threshold.</returns>
    /// <exception cref="ArgumentOutOfRangeException">b is out of range.</exception>
    public static double HeavyBallConstant(double momentum) => 2 * (1 + Fraction(momentum, nameof(momentum)));

    /// <summary>C of PyTorch's Nesterov: 2(1+b)/(1+2b).</summary>
    /// <param name="momentum">b, at least 0 and below 1.</param>
    /// <returns>eta times the threshold.</returns>
    /// <exception cref="ArgumentOutOfRangeException">b is out of range.</exception>
    public static double NesterovConstant(double momentum)
    {
        double b = Fraction(momentum, nameof(momentum));
        return 2 * (1 + b) / (1 + 2 * b);
    }

    /// <summary>C of Adam, on the preconditioned Hessian: 2(1+b1)/(1-b1).</summary>
    /// <param name="beta1">b1, at least 0 and below 1.</param>
    /// <returns>eta times the threshold.</returns>
    /// <exception cref="ArgumentOutOfRangeException">b1 is out of range.</exception>
    public static double AdamConstant(double beta1)
    {
        double b = Fraction(beta1, nameof(beta1));
        return 2 * (1 + b) / (1 - b);
    }

    /// <summary>The inverse: the largest rate at which a curvature is not above the threshold, C/(lambda1 + s).</summary>
    /// <param name="lambda1">
    /// The eigenvalue that the optimizer's threshold is about (for Adam of the preconditioned Hessian).
    /// </param>
    /// <param name="constant">C of the optimizer, such as <see cref="HeavyBallConstant"/>; above 0.</param>
    /// <param name="shift">
    /// s: the weight decay g for SGD, heavy ball and Nesterov, g (1+b1)/(1-b1) for AdamW; at least 0.
    /// </param>
    /// <returns>The rate; infinite where lambda1 + s is not above 0, since nothing curves upwards.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A constant is out of range or lambda1 is not a number.</exception>
    public static double LargestStableRate(double lambda1, double constant, double shift = 0)
    {
        if (double.IsNaN(lambda1))
        {
            throw new ArgumentOutOfRangeException(nameof(lambda1), lambda1, "lambda1 must be a number.");
        }

        Positive(constant, nameof(constant));
        NotNegative(shift, nameof(shift));
        double curvature = lambda1 + shift;
        return curvature > 0 ? constant / curvature : double.PositiveInfinity;
    }

    private static double Threshold(double constant, double learningRate, double weightDecay, double decayFactor = 1)
    {
        Positive(learningRate, nameof(learningRate));
        NotNegative(weightDecay, nameof(weightDecay));
        return constant / learningRate - weightDecay * decayFactor;
    }

    private static double Fraction(double value, string name) => value is >= 0 and < 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least 0 and below 1.");

    private static void Positive(double value, string name)
    {
        if (!(value > 0) || !double.IsFinite(value))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be finite and above 0.");
        }
    }

    private static void NotNegative(double value, string name)
    {
        if (!(value >= 0) || !double.IsFinite(value))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be finite and at least 0.");
        }
    }
}
