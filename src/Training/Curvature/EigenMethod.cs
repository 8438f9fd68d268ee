using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;

namespace CurvatureActors.Training.Curvature;

/// <summary>A way to find eigenvalues of an operator.</summary>
/// <param name="Solve">
/// Finds them: count, tolerance, vectors and seed as the options say, the products as a measure of what the method may
/// spend. One that needs more by its nature takes more.
/// </param>
/// <param name="ByMagnitude">Whether it finds the largest magnitude, which may be a negative value, and only that one.</param>
public sealed record EigenMethod(Func<ISymmetricOperator, LanczosOptions, EigenResult> Solve, bool ByMagnitude = false)
{
    /// <summary>Finds both ends in one solve; null where the method does not, and the smallest is then found by Lanczos.</summary>
    public Func<ISymmetricOperator, LanczosOptions, ExtremeEigenResult>? BothEnds { get; init; }

    /// <summary>The largest eigenvalues as <see cref="Solve"/> finds them, and the smallest one.</summary>
    public ExtremeEigenResult Ends(ISymmetricOperator target, LanczosOptions options)
    {
        if (BothEnds is not null)
        {
            return BothEnds(target, options);
        }

        EigenResult largest = Solve(target, options);
        SmallestEigenResult smallest = Lanczos.Smallest(target, options with { Count = 1, ReturnVectors = false });
        return new ExtremeEigenResult(largest, smallest, largest.Products + smallest.Products);
    }
}

/// <summary>The methods by name.</summary>
public static class EigenMethods
{
    /// <summary>Products that the slower methods may take for each that Lanczos may.</summary>
    private const int Patience = 5;

    /// <summary><c>lanczos</c>, <c>lobpcg</c>, <c>power-iteration</c>.</summary>
    public static Registry<EigenMethod> All { get; } = new(
        "method",
        ("lanczos", new(Lanczos.Largest) { BothEnds = LanczosEnds }),
        ("lobpcg", new((target, options) => Lobpcg.Largest(target, new LobpcgOptions
        {
            Count = options.Count,
            Tolerance = options.Tolerance,
            MaximumProducts = Patience * options.MaximumProducts,
            Seed = options.Seed,
        }))),
        ("power-iteration", new(
            (target, options) => PowerIteration.Dominant(target, new PowerIterationOptions
            {
                Tolerance = options.Tolerance,
                MaximumProducts = Patience * options.MaximumProducts,
                Seed = options.Seed,
            }),
            ByMagnitude: true)));

    /// <summary>Twice the products for two ends, in a basis no larger than one of them would have had.</summary>
    private static ExtremeEigenResult LanczosEnds(ISymmetricOperator target, LanczosOptions options) => Lanczos.BothEnds(
        target,
        options with
        {
            MaximumProducts = 2 * options.MaximumProducts,
            MaximumBasis = Math.Max(options.MaximumProducts, options.Count + 4),
        },
        smallest: 1);
}
