using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>The leading Ritz pair of a space.</summary>
/// <param name="Value">theta, the Rayleigh quotient of the Ritz vector x, in float64.</param>
/// <param name="Second">The second Ritz value; NaN when there is none.</param>
/// <param name="SecondResidual">The residual of that pair; NaN when there is none.</param>
/// <param name="Smallest">The smallest Ritz value.</param>
/// <param name="Residual">|A x - theta x|, computed.</param>
/// <param name="ResidualVector">A x - theta x, in the dispose scope of the caller.</param>
internal sealed record RitzPair(
    double Value, double Second, double SecondResidual, double Smallest, double Residual, Tensor ResidualVector)
{
    /// <summary>
    /// How far theta can be from the eigenvalue: r^2 over the gap to the rest (Kato 1949; Parlett, 11.7), the rest taken to
    /// end where the second pair's interval does, and r itself where that gap is not wider than r. The second value
    /// comes from below, so this is an estimate, not a bound.
    /// </summary>
    internal double ErrorEstimate
    {
        get
        {
            double gap = Value - Second - SecondResidual;
            return gap > Residual ? Residual * (Residual / gap) : Residual;
        }
    }

    internal bool IsFinite => double.IsFinite(Value) && double.IsFinite(Residual);
}
