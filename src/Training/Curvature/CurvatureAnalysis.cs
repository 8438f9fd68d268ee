using System.Collections.Immutable;
using System.Diagnostics;
using CurvatureActors.Hessian.Estimators;
using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using CurvatureActors.Training.Curvature.Kinds;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Initialisation;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Optimizers;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Curvature;

/// <summary>The curvature of one snapshot at leisure: more than lambda1, from a cold start.</summary>
public sealed record CurvatureAnalysis
{
    /// <summary>Step of the snapshot.</summary>
    public required int Step { get; init; }

    /// <summary>Number of parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>Examples that the loss was averaged over.</summary>
    public required int Examples { get; init; }

    /// <summary>The loss over them.</summary>
    public required double Loss { get; init; }

    /// <summary>How the eigenvalues were found: one of <see cref="EigenMethods"/>.</summary>
    public required string Method { get; init; }

    /// <summary>What they are eigenvalues of: one of <see cref="CurvatureOperators"/>.</summary>
    public required string Operator { get; init; }

    /// <summary>
    /// The largest algebraic eigenvalues with their residuals; by power iteration the one of the largest magnitude.
    /// </summary>
    public required EigenResult Largest { get; init; }

    /// <summary>The smallest eigenvalue with its residual, by Lanczos; null when not asked for.</summary>
    public SmallestEigenResult? Smallest { get; init; }

    /// <summary>lambda1 of the preconditioned matrix with its residual; null when not asked for.</summary>
    public EigenResult? Preconditioned { get; init; }

    /// <summary>
    /// Whether all these eigenvalues are as good as the tolerance asks. A smallest one that is 0 to within its residual
    /// (of a semi-definite matrix) has no relative error: there the residual is held against lambda1.
    /// </summary>
    public required bool Converged { get; init; }

    /// <summary>The trace; null when not asked for.</summary>
    public Estimate? Trace { get; init; }

    /// <summary>The density; null when not asked for.</summary>
    public SpectralDensity? Density { get; init; }

    /// <summary>Each parameter tensor; null when not asked for, and where a product was not finite.</summary>
    public IReadOnlyList<LayerCurvature>? Layers { get; init; }

    /// <summary>All Hessian-vector products of the search; the check of each residual takes one more, in float64.</summary>
    public required int Products { get; init; }

    /// <summary>Wall-clock seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Analyses a snapshot over the run's fixed training examples.</summary>
    /// <param name="specification">The run.</param>
    /// <param name="train">Its training examples.</param>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="options">What to find.</param>
    /// <exception cref="ArgumentException">
    /// An option is out of range or does not go with the method, or there are not so many examples.
    /// </exception>
    /// <exception cref="SnapshotException">The snapshot is of another network.</exception>
    public static CurvatureAnalysis Of(
        RunSpecification specification, ExampleSet train, SnapshotBuffer snapshot, AnalysisOptions options)
    {
        ArgumentNullException.ThrowIfNull(specification);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(options);
        EigenMethod method = EigenMethods.All[options.Method];
        Func<SnapshotLoss, IReadOnlyList<Tensor>, ISymmetricOperator> build = CurvatureOperators.All[options.Operator];
        if (method.ByMagnitude && (options.Top > 1 || options.Layers))
        {
            throw new ArgumentException(
                $"{options.Method} finds a single eigenvalue and no vector; {(options.Top > 1 ? $"{options.Top} values" : "layers")} "
                + "need another method.",
                nameof(options));
        }

        long started = Stopwatch.GetTimestamp();
        ulong seed = (ulong)SeedDerivation.Derive(options.Seed ?? specification.Seed, "probe");
        double tolerance = options.Tolerance ?? specification.Curvature.Tolerance;
        int products = Math.Max(specification.Curvature.MaximumProducts, 20 * options.Top);
        var lanczos = new LanczosOptions
        {
            Count = options.Top,
            Tolerance = tolerance,
            MaximumProducts = options.MaximumProducts ?? products,
            ReturnVectors = true,
            Seed = seed,
        };
        LanczosOptions solver = lanczos with { MaximumProducts = options.MaximumProducts ?? (products * method.Patience) };

        ModelState.RequireFits(specification.Model, train.Shape, train.Classes, snapshot);
        using var loss = new SnapshotLoss(specification, train, new SnapshotLossOptions
        {
            Examples = options.Examples,
            BatchSize = options.BatchSize,
            ScalarType = options.ScalarType,
            Graphs = options.Graphs,
        });
        using var check = DoubleCheck.Of(specification, train, snapshot, options, build);
        using DisposeScope scope = NewDisposeScope();
        loss.Load(snapshot);
        double value = loss.Value();
        ISymmetricOperator hessian = build(loss, [.. loss.Parameters.Select(parameter => parameter.Value)]);
        using var owned = (IDisposable)hessian;
        int spent = 0;
        var counted = new CountedOperator(hessian, more => spent += more);
        (EigenResult ends, SmallestEigenResult? smallest) = Ends(counted, method, solver, options.LambdaMin ? lanczos : null);
        using SmallestEigenResult? lower = smallest;

        // Of several the next one down counts, and that may be a copy; of one it does not.
        using EigenResult largest = options.Top == 1 ? ends : Multiplicity.Resolve(counted, ends, lanczos);
        using EigenResult? preconditioned = options.Preconditioned
            ? OfPreconditioned(counted, specification, snapshot, target => method.Solve(target, solver with { Count = 1 }))
            : null;
        Estimate? trace = options.Trace ? TraceEstimator.HutchPlusPlus(counted, options.TraceProducts, seed) : null;
        SpectralDensity? density = options.Density
            ? SpectralDensity.Estimated(counted, new SpectralDensityOptions
            {
                Probes = options.DensityProbes,
                Steps = options.DensitySteps,
                Seed = seed,
            })
            : null;
        List<LayerCurvature>? layers = options.Layers && largest.Vectors is { } vectors
            ? [.. ByLayer(loss, vectors, parameter => build(loss, [parameter]), method, solver, check)]
            : null;
        EigenResult known = Checked(largest, check?.Residuals(largest.Values, largest.Vectors), tolerance);
        EigenResult? ofPreconditioned = preconditioned is null ? null : Checked(
            preconditioned,
            check?.Residuals(
                preconditioned.Values, preconditioned.Vectors, target => Preconditioning(target, specification, snapshot)),
            tolerance);
        ImmutableArray<double>? ofSmallest = smallest is null ? null : check?.Residuals(smallest.Values, smallest.Vectors);
        SmallestEigenResult? knownSmallest = ofSmallest is { } residuals ? smallest!.WithResiduals(residuals, tolerance) : smallest;
        return new CurvatureAnalysis
        {
            Step = snapshot.Header.Step,
            Parameters = hessian.Size,
            Examples = loss.Examples,
            Loss = value,
            Method = options.Method,
            Operator = options.Operator,
            Largest = known with { Vectors = null },
            Smallest = knownSmallest?.WithoutVectors(),
            Preconditioned = ofPreconditioned is null ? null : ofPreconditioned with { Vectors = null },
            Converged = known.Converged && ofPreconditioned is null or { Converged: true }
                && (knownSmallest is null or { Converged: true } || IsZero(knownSmallest, tolerance * Math.Abs(known.Lambda1))),
            Trace = trace,
            Density = density,
            Layers = layers,
            Products = spent + (layers?.Sum(layer => layer.Products) ?? 0),
            Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
        };
    }

    /// <summary>The largest eigenvalues, and the smallest one where there are options for it.</summary>
    private static (EigenResult Largest, SmallestEigenResult? Smallest) Ends(
        ISymmetricOperator target, EigenMethod method, LanczosOptions options, LanczosOptions? smallest)
    {
        if (smallest is not null && method.BothEnds is { } both)
        {
            // Its own disposal is that of the two.
            ExtremeEigenResult ends = both(target, options);
            return (ends.Largest, ends.Smallest);
        }

        EigenResult largest = method.Solve(target, options);
        return (largest, smallest is null ? null : Lanczos.Smallest(target, smallest with { Count = 1 }));
    }

    private static EigenResult OfPreconditioned(
        CountedOperator hessian, RunSpecification specification, SnapshotBuffer snapshot, Func<ISymmetricOperator, EigenResult> solve)
    {
        using PreconditionedOperator target = Preconditioning(hessian, specification, snapshot);
        return solve(target);
    }

    private static PreconditionedOperator Preconditioning(
        ISymmetricOperator hessian, RunSpecification specification, SnapshotBuffer snapshot)
    {
        OptimizerKind optimizer = OptimizerRegistry.Optimizers[specification.Optimizer.Kind];
        Tensor? diagonal = optimizer.PreconditionerDiagonal?.Invoke(
            specification.Optimizer,
            name => snapshot.Tensor($"optimizer.{name}").to(hessian.ScalarType),
            snapshot.Header.Updates);
        if (diagonal is null)
        {
            throw new ArgumentException(
                optimizer.IsPreconditioned
                    ? $"{specification.Optimizer.Kind} has no preconditioner before its first update"
                    : $"{specification.Optimizer.Kind} has no preconditioner",
                nameof(specification));
        }

        return new PreconditionedOperator(
            new ShiftedOperator(hessian, optimizer.Stability(specification.Optimizer).AddedToHessian), diagonal);
    }

    /// <summary>With the residuals that a check found, and converged only where these are within the tolerance too.</summary>
    private static EigenResult Checked(EigenResult found, ImmutableArray<double>? residuals, double tolerance)
    {
        if (residuals is not { } known)
        {
            return found;
        }

        // A value far below lambda1 is known to lambda1's accuracy at best.
        bool converged = known.All(residual => residual <= tolerance * Math.Abs(found.Lambda1));
        return found with { Residuals = known, Converged = found.Converged && converged };
    }

    private static bool IsZero(SmallestEigenResult smallest, double error) =>
        smallest.Residuals[0] >= Math.Abs(smallest.LambdaMin) && smallest.Residuals[0] <= error;

    /// <summary>Each tensor's own block of the Hessian, and its share of the top eigenvector.</summary>
    private static IEnumerable<LayerCurvature> ByLayer(
        SnapshotLoss loss, Tensor vectors, Func<Tensor, ISymmetricOperator> build, EigenMethod method, LanczosOptions solver,
        DoubleCheck? check)
    {
        int layer = 0;
        using Tensor top = vectors[0];
        var selection = ParameterSelection.Of(loss.Parameters.Select(parameter => (parameter.Name, parameter.Value)));
        foreach (((string name, double share), Tensor parameter) in EigenvectorShares.Of(top, selection).Zip(selection.Tensors))
        {
            ISymmetricOperator block = build(parameter);
            using var owned = (IDisposable)block;
            using EigenResult found = method.Solve(block, solver with { Count = 1 });
            EigenResult own = Checked(found, check?.OfLayer(layer++, found.Values, found.Vectors), solver.Tolerance);
            yield return new LayerCurvature(
                name, parameter.numel(), own.Lambda1, own.Residual, own.Converged, share, own.Products);
        }
    }
}
