namespace CurvatureActors.Hessian.Solvers;

/// <summary>
/// How many Krylov steps from a random vector show what there is: k steps lift a component along an eigenvector, which is
/// 1/sqrt(n) large in a random direction, over what lies in [a, b] by the Chebyshev polynomial T_k(1 + 2 (value - b)/(b - a))
/// (Saad 1980, SIAM J. Numer. Anal. 17; Kuczynski and Wozniakowski 1992).
/// </summary>
internal static class ChebyshevLift
{
    // How far above its typical size in a random direction the filtered component must be lifted to be seen for sure.
    private const double Lift = 6;

    // Before that the space knows neither end of the spectrum.
    private const int FewestSteps = 2;

    /// <summary>Steps after which an eigenvalue above <paramref name="value"/> would dominate the space.</summary>
    /// <param name="value">What is to be noticed.</param>
    /// <param name="size">n.</param>
    /// <param name="largest">b, the largest Ritz value of the space.</param>
    /// <param name="smallest">a, the smallest.</param>
    internal static double Steps(double value, long size, double largest, double smallest)
    {
        double width = largest - smallest;
        double above = value - largest;
        if (above <= 0 || width <= 0)
        {
            return above <= 0 ? double.PositiveInfinity : FewestSteps;
        }

        return Math.Max(FewestSteps, Math.Acosh(Lift * Math.Sqrt(size)) / Math.Acosh(1 + 2 * above / width));
    }
}
