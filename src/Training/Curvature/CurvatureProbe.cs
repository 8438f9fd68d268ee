using System.Diagnostics;
using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Initialisation;
using CurvatureActors.Training.Optimizers;
using CurvatureActors.Training.Schedules;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Curvature;

/// <summary>
/// Measures lambda1 of a run's snapshots over the run's fixed training examples (see <see cref="SnapshotLoss"/> for the
/// loss it is taken of). Not for use by several threads at once.
/// </summary>
public sealed class CurvatureProbe : IDisposable
{
    private readonly RunSpecification _specification;
    private readonly OptimizerKind _optimizer;
    private readonly SnapshotLoss _loss;
    private readonly WarmStartedSolver _solver;
    private readonly WarmStartedSolver _preconditionedSolver;
    private Tensor? _preconditioner;

    /// <summary>A probe for the snapshots of one run.</summary>
    /// <param name="specification">The run.</param>
    /// <param name="train">Its training examples.</param>
    /// <exception cref="ArgumentException">The specification names something unknown, or wants more examples than there are.</exception>
    public CurvatureProbe(RunSpecification specification, ExampleSet train)
    {
        ArgumentNullException.ThrowIfNull(specification);
        ArgumentNullException.ThrowIfNull(train);
        _specification = specification;
        _optimizer = OptimizerRegistry.Optimizers[specification.Optimizer.Kind];
        _loss = new SnapshotLoss(specification, train, specification.Curvature.Examples);
        var options = new WarmStartOptions
        {
            Tolerance = specification.Curvature.Tolerance,
            MaximumProducts = specification.Curvature.MaximumProducts,
            Seed = (ulong)SeedDerivation.Derive(specification.Seed, "probe"),
        };
        _solver = new WarmStartedSolver(options);
        _preconditionedSolver = new WarmStartedSolver(options);
    }

    /// <summary>
    /// lambda1 at a snapshot, starting from what earlier measurements found. The value agrees with
    /// <see cref="MeasureCold"/> to the tolerance, not to the bit.
    /// </summary>
    /// <exception cref="SnapshotException">The snapshot is of another network.</exception>
    public CurvatureMeasurement Measure(SnapshotBuffer snapshot) => Measure(snapshot, warm: true);

    /// <summary>lambda1 at a snapshot from a cold start: a function of run and snapshot alone, to the bit.</summary>
    /// <exception cref="SnapshotException">The snapshot is of another network.</exception>
    public CurvatureMeasurement MeasureCold(SnapshotBuffer snapshot) => Measure(snapshot, warm: false);

    /// <inheritdoc/>
    public void Dispose()
    {
        _solver.Dispose();
        _preconditionedSolver.Dispose();
        _preconditioner?.Dispose();
        _loss.Dispose();
    }

    private CurvatureMeasurement Measure(SnapshotBuffer snapshot, bool warm)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        long started = Stopwatch.GetTimestamp();
        using DisposeScope scope = NewDisposeScope();
        _loss.Load(snapshot);
        using HessianOperator hessian = _loss.Hessian();
        using EigenResult result = Solve(hessian, _solver, warm);
        (double Value, int Products)? preconditioned = Preconditioned(hessian, snapshot, warm);

        int step = snapshot.Header.Step;
        double rate = LearningRate.At(
            Math.Min(step, _specification.Training.Steps - 1), _specification, snapshot.Header.Plan, snapshot.Header.CriticalRate);
        double threshold = _optimizer.Stability(_specification.Optimizer).ThresholdAt(rate);
        double? relevant = _optimizer.IsPreconditioned ? preconditioned?.Value : result.Lambda1;
        return new CurvatureMeasurement
        {
            Step = step,
            Lambda1 = result.Lambda1,
            Residual = result.Residual,
            Converged = result.Converged,
            Products = result.Products + (preconditioned?.Products ?? 0),
            PreconditionedLambda1 = preconditioned?.Value,
            Examples = _specification.Curvature.Examples,
            LearningRate = rate,
            Threshold = threshold,
            StabilityRatio = relevant / threshold,
            Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
        };
    }

    /// <summary>lambda1 of P^(-1/2) H P^(-1/2) for optimizers with a preconditioner that has seen a gradient.</summary>
    private (double Value, int Products)? Preconditioned(HessianOperator hessian, SnapshotBuffer snapshot, bool warm)
    {
        Tensor? diagonal = _optimizer.PreconditionerDiagonal?.Invoke(
            _specification.Optimizer, name => snapshot.Tensor($"optimizer.{name}"), snapshot.Header.Updates);
        if (diagonal is null)
        {
            return null;
        }

        if (warm && _preconditioner is { } previous)
        {
            // v <- P_t^(1/2) P_(t-1)^(-1/2) v carries an eigenvector over to the new preconditioner.
            _preconditionedSolver.Rescale((diagonal / previous).sqrt());
        }

        using var target = new PreconditionedOperator(
            new ShiftedOperator(hessian, _optimizer.Stability(_specification.Optimizer).AddedToHessian), diagonal);
        using EigenResult result = Solve(target, _preconditionedSolver, warm);
        if (warm)
        {
            _preconditioner?.Dispose();
            _preconditioner = diagonal.DetachFromDisposeScope();
        }

        return (result.Lambda1, result.Products);
    }

    private EigenResult Solve(ISymmetricOperator target, WarmStartedSolver solver, bool warm) => warm
        ? solver.Update(target)
        : Lanczos.Largest(target, new LanczosOptions
        {
            Tolerance = _specification.Curvature.Tolerance,
            MaximumProducts = _specification.Curvature.MaximumProducts,
            Seed = (ulong)SeedDerivation.Derive(_specification.Seed, "probe"),
        });
}
