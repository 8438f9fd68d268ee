using System.Diagnostics;
using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using CurvatureActors.Training.Curvature.Kinds;
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
public sealed partial class CurvatureProbe : IDisposable
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
    /// <param name="graphs">
    /// What the graphs that it keeps between products share with those of other probes; null to keep all of them. No value
    /// depends on it.
    /// </param>
    /// <exception cref="ArgumentException">The specification names something unknown, or wants more examples than there are.</exception>
    public CurvatureProbe(RunSpecification specification, ExampleSet train, GraphBudget? graphs = null)
    {
        ArgumentNullException.ThrowIfNull(specification);
        ArgumentNullException.ThrowIfNull(train);
        _specification = specification;
        _optimizer = OptimizerRegistry.Optimizers[specification.Optimizer.Kind];
        _loss = new SnapshotLoss(specification, train, new SnapshotLossOptions
        {
            // With curvature off nobody has asked whether there are so many.
            Examples = specification.Curvature.Enabled ? null : Math.Min(specification.Curvature.Examples, train.Count),
            Graphs = graphs,
        });
        var options = new WarmStartOptions
        {
            Tolerance = specification.Curvature.Tolerance,
            ValueTolerance = specification.Curvature.Tolerance,
            MaximumProducts = specification.Curvature.MaximumProducts,
            Seed = (ulong)SeedDerivation.Derive(specification.Seed, "probe"),
        };
        _solver = new WarmStartedSolver(options);
        _preconditionedSolver = new WarmStartedSolver(options);
    }

    /// <summary>
    /// lambda1 at a snapshot, starting from what earlier measurements found. The value agrees with
    /// <see cref="MeasureCold"/> to the tolerance, not to the bit; it is that of <see cref="MeasureCold"/> where the run's
    /// rates rest on it (<see cref="StabilityCap"/>).
    /// </summary>
    /// <exception cref="SnapshotException">The snapshot is of another network.</exception>
    public CurvatureMeasurement Measure(SnapshotBuffer snapshot) => Measure(snapshot, warm: true);

    /// <summary>
    /// Several kinds of measurement at a snapshot, which share what they have in common. lambda1 is the value of
    /// <see cref="Measure(SnapshotBuffer)"/>, whatever is measured beside it; a kind that fails says why, and the others
    /// go on.
    /// </summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="lambda1">Whether lambda1 is wanted.</param>
    /// <param name="kinds">What else is.</param>
    /// <exception cref="SnapshotException">The snapshot is of another network.</exception>
    public SnapshotMeasurements Measure(SnapshotBuffer snapshot, bool lambda1, IReadOnlyList<KindRequest> kinds)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(kinds);
        long started = Stopwatch.GetTimestamp();
        using DisposeScope scope = NewDisposeScope();
        _loss.Load(snapshot);
        using HessianOperator hessian = _loss.Hessian();
        CurvatureMeasurement? measured = lambda1 ? Lambda1(hessian, snapshot, warm: true, started) : null;
        using var shared = new SnapshotCurvature(_specification, _loss, snapshot, hessian);
        return new SnapshotMeasurements(measured, [.. kinds.Select(kind => Measure(kind, shared, snapshot.Header.Step))]);
    }

    /// <summary>lambda1 at a snapshot from a cold start: a function of run and snapshot alone, to the bit.</summary>
    /// <exception cref="SnapshotException">The snapshot is of another network.</exception>
    public CurvatureMeasurement MeasureCold(SnapshotBuffer snapshot) => Measure(snapshot, warm: false);

    /// <summary>Learning rate of a snapshot's next update; of the last one at the end of the run.</summary>
    internal static double LearningRateAt(RunSpecification specification, SnapshotHeader header) => StabilityCap.Apply(
        LearningRate.At(
            Math.Min(header.Step, specification.Training.Steps - 1), specification, header.Plan, header.CriticalRate),
        header.Step,
        specification,
        header.StabilityLimits ?? []);

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
        return Lambda1(hessian, snapshot, warm, started);
    }

    private static KindMeasurement Measure(KindRequest request, SnapshotCurvature shared, int step)
    {
        long started = Stopwatch.GetTimestamp();
        int before = shared.Products;
        KindResult result = new([]);
        string? failure = null;
        using DisposeScope scope = NewDisposeScope();
        try
        {
            result = MeasurementKinds.All[request.Kind].Measure(shared, request);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            failure = $"{error.GetType().Name}: {error.Message}";
        }

        return new KindMeasurement
        {
            Kind = request.Kind,
            Step = step,
            Values = result.Values,
            Density = result.Density,
            Products = shared.Products - before,
            Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
            Failure = failure,
        };
    }

    private CurvatureMeasurement Lambda1(HessianOperator hessian, SnapshotBuffer snapshot, bool warm, long started)
    {
        warm &= _specification.Schedule.StabilityCap is null;
        using EigenResult result = Solve(hessian, _solver, warm);
        (double Value, int Products)? preconditioned = Preconditioned(hessian, snapshot, warm);

        double rate = LearningRateAt(_specification, snapshot.Header);
        double threshold = _optimizer.Stability(_specification.Optimizer).ThresholdAt(rate);
        double? relevant = _optimizer.IsPreconditioned ? preconditioned?.Value : result.Lambda1;
        return new CurvatureMeasurement
        {
            Step = snapshot.Header.Step,
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
            // v <- P_t^(-1/2) P_(t-1)^(1/2) v: with D that diagonal, the new operator is D A D of the old one A.
            _preconditionedSolver.Rescale((previous / diagonal).sqrt());
        }

        (double Value, int Products) found = Preconditioned(hessian, diagonal, warm);
        if (warm)
        {
            _preconditioner?.Dispose();
            _preconditioner = diagonal.DetachFromDisposeScope();
        }

        return found;
    }

    private (double Value, int Products) Preconditioned(HessianOperator hessian, Tensor diagonal, bool warm)
    {
        using var target = new PreconditionedOperator(
            new ShiftedOperator(hessian, _optimizer.Stability(_specification.Optimizer).AddedToHessian), diagonal);
        using EigenResult result = Solve(target, _preconditionedSolver, warm);
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
