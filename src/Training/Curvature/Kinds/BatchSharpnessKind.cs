using CurvatureActors.Hessian.Estimators;

namespace CurvatureActors.Training.Curvature.Kinds;

/// <summary>
/// <c>sharpness</c>, the mean over batches of the run's own size of g'Hg/g'g with each batch's gradient and Hessian, and
/// its standard error. The batches are the same at every step.
/// </summary>
internal sealed class BatchSharpnessKind : IMeasurementKind
{
    /// <inheritdoc/>
    public IReadOnlyList<KindSetting> Settings { get; } = [new("batches", Minimum: 2)];

    /// <inheritdoc/>
    public KindResult Measure(SnapshotCurvature at, KindRequest request)
    {
        Estimate sharpness = DirectionalCurvature.BatchSharpness(at.Batches(request["batches"]));
        return new KindResult([new("sharpness", sharpness.Value, sharpness.StandardError)]);
    }
}
