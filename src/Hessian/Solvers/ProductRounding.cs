using TorchSharp;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>
/// What the rounding of products leaves open: no residual that is computed from products in float32 can know an eigenvalue
/// better than the products are known.
/// </summary>
/// <remarks>
/// A computed product A v is off by a multiple of the type's rounding times |A|. Measured against float64, dense matrices
/// of up to 1000 rows lose at most 1.1 of these units in an eigenvalue, networks at ordinary weights 1, and ones whose
/// weights are 16 times as large, with saturated outputs, up to 43.
/// </remarks>
internal static class ProductRounding
{
    /// <summary>Units of the type's rounding, times |A|, that an eigenvalue of a computed operator is known to.</summary>
    private const double Multiple = 64;

    /// <summary>Two values that rounding alone parts are copies of one only where both are known to a thousandth.</summary>
    private const double Known = 1000;

    /// <summary>The part of a residual that rounding can account for.</summary>
    /// <param name="type">Of the vectors.</param>
    /// <param name="scale">|A|, or the largest norm of a product with a unit vector and the largest Ritz value seen.</param>
    /// <param name="restarts">How often a basis was combined anew, which rounds each vector once more.</param>
    internal static double Of(torch.ScalarType type, double scale, int restarts = 0) =>
        (Multiple + restarts) * VectorMath.Epsilon(type) * scale;

    /// <summary>lambda1/lambda2: 1 where rounding alone parts them, and NaN where lambda2 is not known from 0, or the two not well enough.</summary>
    internal static double Ratio(double first, double second, double secondResidual, double rounding) =>
        Math.Abs(first - second) <= 2 * rounding ? Math.Abs(first) > Known * rounding ? 1 : double.NaN
        : Math.Abs(second) > secondResidual + rounding ? first / second
        : double.NaN;
}
