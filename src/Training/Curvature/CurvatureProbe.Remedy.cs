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
    /// preconditioned lambda1 with second moments from a first gradient, without the bias of their empty start: v is the
    /// geometric mean of the squared gradient of the examples that lambda1 is taken over and of the mean of the squared
    /// gradients of eight batches, or at least the former.
    /// </summary>
    /// <remarks>
    /// By the one alone, a gradient that happens to be nearly zero would give its parameter a huge rate, and lambda1 would be
    /// about that parameter. By the other, which v settles to, steps that are mostly noise would look stable.
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

        return measured with
        {
            CriticalRate = Critical(shared, snapshot),
            Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
        };
    }

    /// <summary>
    /// What a remedy goes by where no curvature is measured: forward passes, for every optimizer. A function of run and
    /// snapshot alone, to the bit.
    /// </summary>
    /// <exception cref="SnapshotException">The snapshot is of another network.</exception>
    public CriticalRateMeasurement SearchForRemedy(SnapshotBuffer snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        using DisposeScope scope = NewDisposeScope();
        _loss.Load(snapshot);
        using HessianOperator hessian = _loss.Hessian();
        using var shared = new SnapshotCurvature(_specification, _loss, snapshot, hessian);
        return new CriticalRateMeasurement(snapshot.Header.Step, Critical(shared, snapshot));
    }

    private static double? Critical(SnapshotCurvature at, SnapshotBuffer snapshot)
    {
        var found = CriticalRate.Search(
            at.LossAfter, maximum: snapshot.Header.Plan.PeakLearningRate, noise: CriticalRate.Noise);
        return found.Rate > 0 && double.IsFinite(found.Upper) ? found.Rate : null;
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

        Tensor square = zeros_like(moments);
        AddSquare(square, at.Gradient, 1);
        moments = (moments.maximum(square) * square).sqrt();
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
