using CurvatureActors.Hessian.Estimators;

namespace CurvatureActors.Training.Curvature.Kinds;

/// <summary>
/// v'Hv/v'v along the <c>gradient</c> and along the optimizer's <c>update</c>, and which part of the gradient's squared
/// norm lies along the top eigenvectors: <c>overlap/1</c>, <c>overlap/2</c>, ..., together <c>overlap</c>.
/// </summary>
internal sealed class DirectionalKind : IMeasurementKind
{
    /// <inheritdoc/>
    public IReadOnlyList<KindSetting> Settings { get; } = [new("count", Minimum: 1)];

    /// <inheritdoc/>
    public KindResult Measure(SnapshotCurvature at, KindRequest request)
    {
        IReadOnlyList<double> overlap = DirectionalCurvature.Overlap(at.Gradient, at.Top(request["count"]).Vectors!);
        return new KindResult(
        [
            new("gradient", DirectionalCurvature.Along(at.Hessian, at.Gradient)),
            new("update", DirectionalCurvature.Along(at.Hessian, at.Update)),
            new("overlap", overlap.Sum()),
            .. overlap.Select((share, i) => new MeasuredValue($"overlap/{i + 1}", share)),
        ]);
    }
}
