using CurvatureActors.Hessian.Operators;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Curvature;

/// <summary>What <see cref="CurvatureAnalysis.Of"/> is to find.</summary>
public sealed record AnalysisOptions
{
    /// <summary>How many of the largest eigenvalues; at least 1.</summary>
    public int Top { get; init; } = 1;

    /// <summary>How they are found: one of <see cref="EigenMethods"/>.</summary>
    public string Method { get; init; } = "lanczos";

    /// <summary>What they are eigenvalues of: one of <see cref="CurvatureOperators"/>.</summary>
    public string Operator { get; init; } = "hessian";

    /// <summary>Whether to find the smallest eigenvalue too, at one to four times the products of the largest.</summary>
    public bool LambdaMin { get; init; }

    /// <summary>
    /// Whether to find lambda1 of P^(-1/2) H P^(-1/2) too, P the diagonal that the run's optimizer divides by at the snapshot
    /// and H with what its threshold wants added, as the run's own measurements do.
    /// </summary>
    public bool Preconditioned { get; init; }

    /// <summary>Whether to estimate the density of all eigenvalues.</summary>
    public bool Density { get; init; }

    /// <summary>Whether to estimate the trace.</summary>
    public bool Trace { get; init; }

    /// <summary>Whether to look at each parameter tensor by itself.</summary>
    public bool Layers { get; init; }

    /// <summary>Training examples to take the loss over; null for as many as the run measures with.</summary>
    public int? Examples { get; init; }

    /// <summary>Examples per batch; null for as many as the run has. With batch normalisation another number is another loss.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Residual, relative to the value, at which a value counts as converged; null for the run's.</summary>
    public double? Tolerance { get; init; }

    /// <summary>
    /// Most products for the largest eigenvalues, and for each other solve; null for the run's, at least 20 a value, five times
    /// that by the slower methods.
    /// </summary>
    public int? MaximumProducts { get; init; }

    /// <summary>Seed of the random vectors; null for the run's. The examples are the run's in any case.</summary>
    public int? Seed { get; init; }

    /// <summary>The precision of everything: float32, in which the run trains, or float64.</summary>
    public ScalarType ScalarType { get; init; } = ScalarType.Float32;

    /// <summary>What the kept graphs share; null to keep all. No value depends on it.</summary>
    public GraphBudget? Graphs { get; init; }

    /// <summary>Random vectors of the density.</summary>
    public int DensityProbes { get; init; } = 4;

    /// <summary>Lanczos steps per random vector of the density.</summary>
    public int DensitySteps { get; init; } = 40;

    /// <summary>Products to spend on the trace.</summary>
    public int TraceProducts { get; init; } = 60;
}
