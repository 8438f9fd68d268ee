using CurvatureActors.Hessian.Estimators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Curvature.Kinds;

/// <summary>
/// <c>sharpness</c> 2/eta_c, eta_c the smallest rate at which the optimizer's own update raises the loss over the fixed
/// examples, from forward passes alone; the error is half its bracket. <c>ratio</c> is eta/eta_c: above 1 the coming
/// update overshoots. <c>alignment</c> is the cosine between update and gradient.
/// </summary>
/// <remarks>
/// NaN where there is no such rate: the update does not point downhill (momentum that climbs), every rate tried lowers
/// the loss, or the loss changes by less than float32 resolves.
/// </remarks>
internal sealed class CriticalSharpnessKind : IMeasurementKind
{
    private const double SmallestGuess = 1e-8;

    /// <summary>Change of the loss, relative to it, that rounding can feign.</summary>
    private const double Noise = 16 * 1.1920929e-7;

    /// <inheritdoc/>
    public IReadOnlyList<KindSetting> Settings { get; } = [];

    /// <inheritdoc/>
    public KindResult Measure(SnapshotCurvature at, KindRequest request)
    {
        (double slope, double alignment) = Slope(at.Update, at.Gradient);
        double sharpness = double.NaN;
        double? error = null;
        if (slope > 0)
        {
            double before = double.NaN;
            var found = CriticalSharpness.Search(
                rate =>
                {
                    double loss = at.LossAfter(rate);
                    before = rate == 0 ? loss : before;
                    return loss;
                },
                Math.Max(at.LearningRate, SmallestGuess));
            if (found.Converged && found.UpperStep * slope > Noise * Math.Abs(before))
            {
                sharpness = found.Value;
                error = (1 / found.LowerStep) - (1 / found.UpperStep);
            }
        }

        return new KindResult(
        [
            new("sharpness", sharpness, error),
            new("ratio", at.LearningRate * sharpness / 2, at.LearningRate * error / 2),
            new("alignment", alignment),
        ]);
    }

    /// <summary>u'g, by how much the loss falls per unit of rate at first, and u'g/(|u| |g|).</summary>
    private static (double Slope, double Alignment) Slope(Tensor update, Tensor gradient)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        Tensor u = update.to(ScalarType.Float64);
        Tensor g = gradient.to(ScalarType.Float64);
        double slope = u.dot(g).item<double>();
        return (slope, slope / (u.norm().item<double>() * g.norm().item<double>()));
    }
}
