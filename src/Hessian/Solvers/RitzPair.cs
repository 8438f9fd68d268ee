using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>The leading Ritz pair of a space.</summary>
/// <param name="Value">theta, the Rayleigh quotient of the Ritz vector x, in float64.</param>
/// <param name="Second">The second Ritz value; NaN when there is none.</param>
/// <param name="Smallest">The smallest Ritz value.</param>
/// <param name="Residual">|A x - theta x|, computed.</param>
/// <param name="ResidualVector">A x - theta x, in the dispose scope of the caller.</param>
internal sealed record RitzPair(double Value, double Second, double Smallest, double Residual, Tensor ResidualVector)
{
    internal bool IsFinite => double.IsFinite(Value) && double.IsFinite(Residual);
}
