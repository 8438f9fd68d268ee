using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;

namespace CurvatureActors.Training.Curvature;

/// <summary>A way to find eigenvalues of an operator.</summary>
/// <param name="Solve">Finds them: count, tolerance, most products, vectors and seed as the options say.</param>
/// <param name="ByMagnitude">Whether it finds the largest magnitude, which may be a negative value, and only that one.</param>
public sealed record EigenMethod(Func<ISymmetricOperator, LanczosOptions, EigenResult> Solve, bool ByMagnitude = false)
{
    /// <summary>Finds both ends in one solve; null where the method does not, and the smallest is then found by Lanczos.</summary>
    public Func<ISymmetricOperator, LanczosOptions, ExtremeEigenResult>? BothEnds { get; init; }

    /// <summary>Products that it may take for each that Lanczos may, where nobody says how many.</summary>
    public int Patience { get; init; } = 1;
}

/// <summary>The methods by name.</summary>
public static class EigenMethods
{
    private const int SlowerPatience = 5;

    /// <summary><c>lanczos</c>, <c>power-iteration</c>.</summary>
    public static Registry<EigenMethod> All { get; } = new(
        "method",
        ("lanczos", new(Lanczos.Largest) { BothEnds = LanczosEnds }),
        ("power-iteration", new(
            (target, options) => PowerIteration.Dominant(target, new PowerIterationOptions
            {
                Tolerance = options.Tolerance,
                MaximumProducts = options.MaximumProducts,
                Seed = options.Seed,
            }),
            ByMagnitude: true)
        {
            Patience = SlowerPatience,
        }));

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
