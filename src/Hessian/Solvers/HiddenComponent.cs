namespace CurvatureActors.Hessian.Solvers;

/// <summary>
/// How likely an eigenvector hides from a search that began with a random direction: its component in that direction would
/// have to be small, and a component b or less of a random unit vector in n dimensions has a probability of at most
/// b sqrt(2n/pi), since its density is largest at 0, where it is below that of a Gaussian of variance 1/n.
/// </summary>
/// <remarks>
/// b comes from what the search has seen: when (A - mu) w = u + rho for any w, the component of the direction u along an
/// eigenvector of eigenvalue mu is at most |rho| (Kuczynski and Wozniakowski 1992 bound the same in advance; this is what
/// the space at hand excludes). Thus a search that goes on until the probability is p leaves an eigenvalue mu unseen
/// in at most the share p of all starts. For values above all that the space holds, b falls as mu rises.
/// </remarks>
internal static class HiddenComponent
{
    /// <summary>The default of what the solvers leave unseen: one in two hundred.</summary>
    internal const double DefaultProbability = 0.005;

    /// <summary>The probability that a random unit vector's component along a given one is as small as that.</summary>
    /// <param name="component">b.</param>
    /// <param name="size">n.</param>
    internal static double Probability(double component, long size) => Math.Min(1, component * Math.Sqrt(2 * size / Math.PI));

    /// <summary>Throws unless a probability is above 0 and at most 1.</summary>
    internal static void Validate(double probability, string name)
    {
        if (!(probability > 0 && probability <= 1))
        {
            throw new ArgumentOutOfRangeException(name, probability, "The probability must be above 0 and at most 1.");
        }
    }
}
