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

    /// <summary>Whether to estimate the density of all eigenvalues.</summary>
    public bool Density { get; init; }

    /// <summary>Whether to estimate the trace.</summary>
    public bool Trace { get; init; }

    /// <summary>Whether to look at each parameter tensor by itself.</summary>
    public bool Layers { get; init; }

    /// <summary>Training examples to take the loss over; null for as many as the run measures with.</summary>
    public int? Examples { get; init; }

    /// <summary>Random vectors of the density.</summary>
    public int DensityProbes { get; init; } = 4;

    /// <summary>Lanczos steps per random vector of the density.</summary>
    public int DensitySteps { get; init; } = 40;

    /// <summary>Products to spend on the trace.</summary>
    public int TraceProducts { get; init; } = 60;
}
