using CurvatureActors.Hessian.Estimators;

namespace CurvatureActors.Training.Curvature.Kinds;

/// <summary>The trace by Hutch++: <c>estimate</c> with its standard error.</summary>
internal sealed class TraceKind : IMeasurementKind
{
    /// <inheritdoc/>
    public IReadOnlyList<KindSetting> Settings { get; } = [new("products", Minimum: 6)];

    /// <inheritdoc/>
    public KindResult Measure(SnapshotCurvature at, KindRequest request)
    {
        Estimate trace = TraceEstimator.HutchPlusPlus(at.Hessian, request["products"], at.Seed);
        return new KindResult([new("estimate", trace.Value, trace.StandardError)]);
    }
}
