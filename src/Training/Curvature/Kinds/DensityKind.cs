using CurvatureActors.Hessian.Estimators;

namespace CurvatureActors.Training.Curvature.Kinds;

/// <summary>
/// The density of all eigenvalues by stochastic Lanczos quadrature, and its first two moments: <c>mean</c> (the trace
/// over the number of parameters) and <c>mean-square</c>, with standard errors.
/// </summary>
internal sealed class DensityKind : IMeasurementKind
{
    /// <inheritdoc/>
    public IReadOnlyList<KindSetting> Settings { get; } = [new("probes", Minimum: 2), new("steps", Minimum: 1)];

    /// <inheritdoc/>
    public KindResult Measure(SnapshotCurvature at, KindRequest request)
    {
        SpectralDensity density = SpectralDensity.Estimated(at.Hessian, new SpectralDensityOptions
        {
            Probes = request["probes"],
            Steps = request["steps"],
            Seed = at.Seed,
        });
        Estimate mean = density.Moment(1);
        Estimate square = density.Moment(2);
        return new KindResult(
            [new("mean", mean.Value, mean.StandardError), new("mean-square", square.Value, square.StandardError)], density);
    }
}
