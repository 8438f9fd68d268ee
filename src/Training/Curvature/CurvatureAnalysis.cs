using System.Diagnostics;
using CurvatureActors.Hessian.Estimators;
using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using CurvatureActors.Training.Curvature.Kinds;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Initialisation;
using CurvatureActors.Training.Models;
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

    /// <summary>The smallest eigenvalue with its residual, by Lanczos.</summary>
    public required SmallestEigenResult Smallest { get; init; }

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

    /// <summary>All Hessian-vector products.</summary>
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
        ulong seed = (ulong)SeedDerivation.Derive(specification.Seed, "probe");
        var solver = new LanczosOptions
        {
            Count = options.Top,
            Tolerance = specification.Curvature.Tolerance,
            MaximumProducts = Math.Max(specification.Curvature.MaximumProducts, 20 * options.Top),
            ReturnVectors = true,
            Seed = seed,
        };

        ModelState.RequireFits(specification.Model, train.Shape, train.Classes, snapshot);
        using var loss = new SnapshotLoss(specification, train, options.Examples ?? specification.Curvature.Examples);
        using DisposeScope scope = NewDisposeScope();
        loss.Load(snapshot);
        double value = loss.Value();
        ISymmetricOperator hessian = build(loss, [.. loss.Parameters.Select(parameter => parameter.Value)]);
        using var owned = (IDisposable)hessian;
        using ExtremeEigenResult ends = method.Ends(hessian, solver);
        SmallestEigenResult smallest = ends.Smallest;
        int found = ends.Largest.Products;
        using EigenResult largest = method.ByMagnitude ? ends.Largest : Multiplicity.Resolve(hessian, ends.Largest, solver);
        int traced = 0;
        Estimate? trace = options.Trace
            ? TraceEstimator.HutchPlusPlus(new CountedOperator(hessian, products => traced += products), options.TraceProducts, seed)
            : null;
        SpectralDensity? density = options.Density
            ? SpectralDensity.Estimated(hessian, new SpectralDensityOptions
            {
                Probes = options.DensityProbes,
                Steps = options.DensitySteps,
                Seed = seed,
            })
            : null;
        List<LayerCurvature>? layers = options.Layers && largest.Vectors is { } vectors ? [.. ByLayer(loss, vectors, parameter => build(loss, [parameter]), method, solver)] : null;
        return new CurvatureAnalysis
        {
            Step = snapshot.Header.Step,
            Parameters = hessian.Size,
            Examples = loss.Examples,
            Loss = value,
            Method = options.Method,
            Operator = options.Operator,
            Largest = largest with { Vectors = null },
            Smallest = smallest.WithoutVectors(),
            Converged = largest.Converged && (smallest.Converged
                || (smallest.Residuals[0] >= Math.Abs(smallest.LambdaMin)
                    && smallest.Residuals[0] <= specification.Curvature.Tolerance * Math.Abs(largest.Lambda1))),
            Trace = trace,
            Density = density,
            Layers = layers,
            Products = ends.Products + largest.Products - found + traced
                + (density?.Products ?? 0) + (layers?.Sum(layer => layer.Products) ?? 0),
            Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
        };
    }

    /// <summary>Each tensor's own block of the Hessian, and its share of the top eigenvector.</summary>
    private static IEnumerable<LayerCurvature> ByLayer(
        SnapshotLoss loss, Tensor vectors, Func<Tensor, ISymmetricOperator> build, EigenMethod method, LanczosOptions solver)
    {
        using Tensor top = vectors[0];
        var selection = ParameterSelection.Of(loss.Parameters.Select(parameter => (parameter.Name, parameter.Value)));
        foreach (((string name, double share), Tensor parameter) in EigenvectorShares.Of(top, selection).Zip(selection.Tensors))
        {
            ISymmetricOperator block = build(parameter);
            using var owned = (IDisposable)block;
            using EigenResult own = method.Solve(block, solver with { Count = 1, ReturnVectors = false });
            yield return new LayerCurvature(
                name, parameter.numel(), own.Lambda1, own.Residual, own.Converged, share, own.Products);
        }
    }
}
