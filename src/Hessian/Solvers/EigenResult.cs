using System.Collections.Immutable;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>
/// Largest algebraic eigenvalues of a symmetric operator, with what is needed to judge them. For a symmetric matrix a
/// residual |A v - theta v| of a unit vector v bounds the distance from theta to the nearest eigenvalue, and with a gap
/// to the others the error is about its square over the gap.
/// </summary>
/// <remarks>
/// When a product holds a NaN or an infinity, the values are NaN and <see cref="Converged"/> is false; nothing is thrown,
/// since a probe of a failing network has to be able to say so.
/// </remarks>
public sealed record EigenResult : IDisposable
{
    /// <summary>Eigenvalues, largest first: at least lambda1. From below: a value is never above the true one by more than rounding.</summary>
    public required ImmutableArray<double> Values { get; init; }

    /// <summary>
    /// |A v - theta v| of the unit vector behind each value, in the units of the values, and <see cref="Rounding"/>: what
    /// the value can be off by is never less than what the products are.
    /// </summary>
    public required ImmutableArray<double> Residuals { get; init; }

    /// <summary>The part of each residual that the rounding of products in the operator's type can account for; a multiple of |A|.</summary>
    public required double Rounding { get; init; }

    /// <summary>
    /// Whether every residual, without <see cref="Rounding"/>, reached the tolerance, or what else the solver's options let count;
    /// and whether little can have been missed, where they ask for that (<see cref="LanczosOptions.MissProbability"/>).
    /// </summary>
    public required bool Converged { get; init; }

    /// <summary>Products with the operator that were used.</summary>
    public required int Products { get; init; }

    /// <summary>Wall-clock time.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Smallest Ritz value: an estimate of lambda_min from above, good only where the operator's lower end is separated.</summary>
    public required double Smallest { get; init; }

    /// <summary>
    /// lambda1/lambda2, copies counted: 1 where lambda1 is multiple. NaN where that is not known: one vector's Krylov
    /// space shows one copy, see <see cref="Multiplicity"/>.
    /// </summary>
    public required double GapRatio { get; init; }

    /// <summary>Unit eigenvectors in rows, shape [Values.Length, Size], when asked for; released with this record.</summary>
    public Tensor? Vectors { get; init; }

    /// <summary>What the solve started from, such as <c>random, seed 7</c>.</summary>
    public required string Start { get; init; }

    /// <summary>The largest algebraic eigenvalue.</summary>
    public double Lambda1 => Values[0];

    /// <summary>The residual of <see cref="Lambda1"/>.</summary>
    public double Residual => Residuals[0];

    /// <summary>
    /// Values +- Residuals: each interval holds an eigenvalue. That it is the one of that rank is what a random start makes
    /// likely, not what a residual proves.
    /// </summary>
    public ImmutableArray<(double Low, double High)> Intervals =>
        [.. Values.Zip(Residuals, (value, residual) => (value - residual, value + residual))];

    /// <summary>lambda_min/lambda1 by <see cref="Smallest"/>: below -1 where the most negative eigenvalue is larger in magnitude.</summary>
    public double SmallestRatio => Smallest / Lambda1;

    /// <summary>Releases <see cref="Vectors"/>, if there are any.</summary>
    public void Dispose() => Vectors?.Dispose();
}
