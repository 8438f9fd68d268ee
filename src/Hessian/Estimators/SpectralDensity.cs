using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Estimators;

/// <summary>
/// The density of all eigenvalues by stochastic Lanczos quadrature (Ghorbani, Krishnan and Xiao 2019, arXiv
/// 1901.10159): the mean over random unit vectors of their quadratures, smoothed by a Gaussian.
/// </summary>
/// <remarks>
/// Limitations: what is narrower than the bandwidth is not resolved; a single outlying eigenvalue among N shows as a
/// peak of weight 1/N, which few probes meet with a large relative error (see <see cref="StandardError"/>).
/// </remarks>
public sealed record SpectralDensity
{
    /// <summary>Eigenvalues at which the density is given, ascending and equally spaced.</summary>
    public required IReadOnlyList<double> Grid { get; init; }

    /// <summary>Density there; integrates to 1 over the grid, up to what the Gaussian leaves outside.</summary>
    public required IReadOnlyList<double> Density { get; init; }

    /// <summary>Standard error of the density over probes; NaN with a single probe.</summary>
    public required IReadOnlyList<double> StandardError { get; init; }

    /// <summary>The quadrature of each probe.</summary>
    public required IReadOnlyList<LanczosQuadrature> Quadratures { get; init; }

    /// <summary>Standard deviation of the smoothing Gaussian, in units of the eigenvalues.</summary>
    public required double Bandwidth { get; init; }

    /// <summary>Products with the operator.</summary>
    public required int Products { get; init; }

    /// <summary>The mean of the k-th powers of all eigenvalues, with its standard error over probes.</summary>
    public Estimate Moment(int power) =>
        Estimate.Of([.. Quadratures.Select(quadrature => quadrature.Integrate(value => Math.Pow(value, power)))]);

    /// <summary>Estimates the density.</summary>
    /// <param name="target">The operator.</param>
    /// <param name="options">The defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="ArithmeticException">A product was not finite.</exception>
    public static SpectralDensity Estimated(ISymmetricOperator target, SpectralDensityOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        options ??= new SpectralDensityOptions();
        options.Validate();
        using var random = new RandomDirections(options.Seed);
        var quadratures = new LanczosQuadrature[options.Probes];
        for (int probe = 0; probe < quadratures.Length; probe++)
        {
            using DisposeScope scope = NewDisposeScope();
            quadratures[probe] = LanczosQuadrature.From(target, random.Next(target), options.Steps);
        }

        double low = quadratures.Min(quadrature => quadrature.Nodes[^1]);
        double high = quadratures.Max(quadrature => quadrature.Nodes[0]);
        double span = high > low ? high - low : Math.Max(Math.Abs(high), 1);
        double bandwidth = options.RelativeBandwidth * span;
        double[] grid =
        [
            .. Enumerable.Range(0, options.GridPoints).Select(i =>
                low - (5 * bandwidth) + (i * (high - low + (10 * bandwidth)) / (options.GridPoints - 1))),
        ];
        Estimate[] density =
        [
            .. grid.Select(point => Estimate.Of(
                [.. quadratures.Select(quadrature => quadrature.Integrate(node => Gaussian(point - node, bandwidth)))])),
        ];
        return new SpectralDensity
        {
            Grid = grid,
            Density = [.. density.Select(estimate => estimate.Value)],
            StandardError = [.. density.Select(estimate => estimate.StandardError)],
            Quadratures = quadratures,
            Bandwidth = bandwidth,
            Products = quadratures.Sum(quadrature => quadrature.Nodes.Count),
        };
    }

    private static double Gaussian(double distance, double deviation)
    {
        double z = distance / deviation;
        return Math.Exp(-z * z / 2) / (deviation * Math.Sqrt(2 * Math.PI));
    }
}
