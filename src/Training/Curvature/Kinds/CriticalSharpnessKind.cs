using CurvatureActors.Hessian.Estimators;

namespace CurvatureActors.Training.Curvature.Kinds;

/// <summary>
/// <c>sharpness</c> 2/eta_c, eta_c the smallest rate at which the optimizer's own update raises the loss over the fixed
/// examples, from forward passes alone; the error is half its bracket. <c>ratio</c> is eta/eta_c: above 1 the coming
/// update overshoots. NaN when no rate lowers the loss, or every one tried does.
/// </summary>
internal sealed class CriticalSharpnessKind : IMeasurementKind
{
    private const double SmallestGuess = 1e-8;

    /// <inheritdoc/>
    public IReadOnlyList<KindSetting> Settings { get; } = [];

    /// <inheritdoc/>
    public KindResult Measure(SnapshotCurvature at, KindRequest request)
    {
        var found = CriticalSharpness.Search(at.LossAfter, Math.Max(at.LearningRate, SmallestGuess));
        double? error = found.Converged ? (1 / found.LowerStep) - (1 / found.UpperStep) : null;
        return new KindResult(
            [new("sharpness", found.Value, error), new("ratio", at.LearningRate * found.Value / 2, at.LearningRate * error / 2)]);
    }
}
