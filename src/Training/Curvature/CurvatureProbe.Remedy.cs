using System.Diagnostics;
using CurvatureActors.Hessian.Operators;
using CurvatureActors.Training.Curvature.Kinds;
using CurvatureActors.Training.Schedules;
using CurvatureActors.Training.Snapshots;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Curvature;

/// <content>What a remedy goes by.</content>
public sealed partial class CurvatureProbe
{
    /// <summary>Batches whose squared gradients stand for the second moments before the first update.</summary>
    private const int FirstBatches = 8;

    /// <summary>
    /// What a remedy goes by, a function of run and snapshot alone, to the bit: that of <see cref="MeasureCold"/>, and for
    /// optimizers with a preconditioner the critical rate of the next update, and, before the first update, the
    /// preconditioned lambda1 with the preconditioner that the gradients there would settle to, without the bias of its
    /// empty start: v the mean of the squared gradients of eight batches, and at least the squared gradient of the examples
    /// that lambda1 is taken over.
    /// </summary>
    /// <remarks>
    /// Not v after a single update: a gradient that happens to be nearly zero would give its parameter a huge rate, and
    /// lambda1 would be about that parameter alone. Nor other examples alone: a unit that is dead for all of them would.
    /// </remarks>
    /// <exception cref="SnapshotException">The snapshot is of another network.</exception>
    public CurvatureMeasurement MeasureForRemedy(SnapshotBuffer snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        long started = Stopwatch.GetTimestamp();
        using DisposeScope scope = NewDisposeScope();
        _loss.Load(snapshot);
        using HessianOperator hessian = _loss.Hessian();
        CurvatureMeasurement measured = Lambda1(hessian, snapshot, warm: false, started);
        if (!_optimizer.IsPreconditioned)
        {
            return measured;
        }

        using var shared = new SnapshotCurvature(_specification, _loss, snapshot, hessian);
        if (measured.PreconditionedLambda1 is null)
        {
            using Tensor diagonal = FirstPreconditioner(shared, snapshot.Header.Plan.ClipNorm);
            (double value, int products) = Preconditioned(hessian, diagonal, warm: false);
            measured = measured with
            {
                PreconditionedLambda1 = double.IsFinite(value) ? value : null,
                Products = measured.Products + products,
                StabilityRatio = double.IsFinite(value) ? value / measured.Threshold : null,
            };
        }

        var found = CriticalRate.Search(
            shared.LossAfter, maximum: snapshot.Header.Plan.PeakLearningRate, noise: CriticalRate.Noise);
        return measured with
        {
            CriticalRate = found.Rate > 0 && double.IsFinite(found.Upper) ? found.Rate : null,
            Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
        };
    }

    private Tensor FirstPreconditioner(SnapshotCurvature at, double? clipNorm)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        Tensor moments = zeros_like(at.Gradient);
        foreach ((ISymmetricOperator _, Tensor gradient) in at.Batches(FirstBatches))
        {
            AddSquare(moments, gradient, 1.0 / FirstBatches);
        }

        Tensor least = zeros_like(moments);
        AddSquare(least, at.Gradient, 1);
        moments = moments.maximum(least);
        return _optimizer.PreconditionerDiagonal!(_specification.Optimizer, _ => moments, long.MaxValue)!
            .MoveToOuterDisposeScope();

        void AddSquare(Tensor to, Tensor gradient, double weight)
        {
            double norm = gradient.norm().item<float>();
            double factor = norm > clipNorm ? clipNorm.Value / norm : 1;
            using Scalar scalar = (factor * factor * weight).ToScalar();
            to.addcmul_(gradient, gradient, scalar);
        }
    }
}
