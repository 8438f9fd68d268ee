using CurvatureActors.Hessian.Solvers;

namespace CurvatureActors.Training.Curvature.Kinds;

/// <summary>The largest eigenvalues <c>lambda1</c>, <c>lambda2</c>, ..., the smallest, and <c>gap-ratio</c> lambda1/lambda2.</summary>
internal sealed class TopKind : IMeasurementKind
{
    /// <inheritdoc/>
    public IReadOnlyList<KindSetting> Settings { get; } = [new("count", Minimum: 2)];

    /// <inheritdoc/>
    public KindResult Measure(SnapshotCurvature at, KindRequest request)
    {
        EigenResult top = at.Top(request["count"]);
        using SmallestEigenResult smallest = Lanczos.Smallest(at.Hessian, at.Solver(1));
        return new KindResult(
        [
            .. top.Values.Zip(top.Residuals, (value, residual) => (value, residual))
                .Select((pair, i) => new MeasuredValue($"lambda{i + 1}", pair.value, pair.residual)),
            new("lambda-min", smallest.LambdaMin, smallest.Residuals[0]),
            new("gap-ratio", top.GapRatio),
        ]);
    }
}
