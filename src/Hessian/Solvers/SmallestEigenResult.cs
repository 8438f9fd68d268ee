using System.Collections.Immutable;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>Smallest algebraic eigenvalues of an operator A, found as the largest of -A.</summary>
public sealed class SmallestEigenResult : IDisposable
{
    private readonly EigenResult _negated;

    internal SmallestEigenResult(EigenResult negated) => _negated = negated;

    /// <summary>
    /// Eigenvalues, smallest first; never below the true one by more than rounding. What is negative by rounding alone is 0:
    /// a semi-definite matrix is not made indefinite by it.
    /// </summary>
    public ImmutableArray<double> Values => [.. _negated.Values.Select(value => ByRoundingAlone(value) ? 0 : 0 - value)];

    /// <summary>|A v - theta v| of the unit vector behind each value, and the rounding of products: see <see cref="EigenResult.Residuals"/>.</summary>
    public ImmutableArray<double> Residuals =>
        [.. _negated.Residuals.Zip(_negated.Values, (residual, value) => ByRoundingAlone(value) ? residual + value : residual)];

    /// <summary>Values +- Residuals: each interval holds an eigenvalue.</summary>
    public ImmutableArray<(double Low, double High)> Intervals =>
        [.. Values.Zip(Residuals, (value, residual) => (value - residual, value + residual))];

    /// <summary>The smallest eigenvalue.</summary>
    public double LambdaMin => Values[0];

    /// <summary>Whether every residual reached the tolerance.</summary>
    public bool Converged => _negated.Converged;

    /// <summary>Products with the operator that were used.</summary>
    public int Products => _negated.Products;

    /// <summary>Wall-clock time.</summary>
    public TimeSpan Elapsed => _negated.Elapsed;

    /// <summary>What the solve started from.</summary>
    public string Start => _negated.Start;

    /// <summary>Unit eigenvectors in rows, when asked for; released with this result.</summary>
    public Tensor? Vectors => _negated.Vectors;

    /// <summary>The same numbers without <see cref="Vectors"/>, which stay with this result.</summary>
    public SmallestEigenResult WithoutVectors() => new(_negated with { Vectors = null });

    /// <summary>The same values with residuals that are known better, and converged only where these are within the tolerance too.</summary>
    /// <param name="residuals">|A v - theta v| of the unit vector behind each value.</param>
    /// <param name="tolerance">Residual over value, above 0.</param>
    public SmallestEigenResult WithResiduals(ImmutableArray<double> residuals, double tolerance) => new(_negated with
    {
        Residuals = residuals,
        Converged = _negated.Converged
            && residuals.Zip(_negated.Values, (residual, value) => residual <= tolerance * Math.Abs(value)).All(within => within),
    });

    private bool ByRoundingAlone(double negated) => negated > 0 && negated <= _negated.Rounding;

    /// <summary>Releases <see cref="Vectors"/>, if there are any.</summary>
    public void Dispose() => _negated.Dispose();
}
