using CurvatureActors.Hessian.Estimators;
using CurvatureActors.Training.Curvature;

namespace CurvatureActors.Cli;

/// <summary>The object of <c>probe --json</c>; its fields are part of the outward contract.</summary>
internal sealed record ProbeRow
{
    public required string Run { get; init; }

    public required int Step { get; init; }

    /// <summary>Number of parameters.</summary>
    public required long Parameters { get; init; }

    public required int Examples { get; init; }

    public required double Loss { get; init; }

    /// <summary>How and of what: <c>lanczos/hessian</c>, for instance.</summary>
    public required string Method { get; init; }

    /// <summary><c>largest</c>, or <c>largest-magnitude</c> by power iteration: then the value may be a negative one.</summary>
    public required string Finds { get; init; }

    /// <summary>Largest first.</summary>
    public required IReadOnlyList<double> Values { get; init; }

    public required IReadOnlyList<double> Residuals { get; init; }

    /// <summary>For each value, an interval that holds an eigenvalue for certain.</summary>
    public required IReadOnlyList<double[]> Intervals { get; init; }

    public required bool Converged { get; init; }

    public required int Products { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Null when not asked for.</summary>
    public required double? LambdaMin { get; init; }

    public required double? LambdaMinResidual { get; init; }

    /// <summary>lambda1/lambda2; null where that is not known, as with a single value.</summary>
    public required double GapRatio { get; init; }

    /// <summary>lambda1 of the preconditioned matrix; null when not asked for.</summary>
    public object? Preconditioned { get; init; }

    public object? Trace { get; init; }

    public object? Density { get; init; }

    public object? Layers { get; init; }

    public static ProbeRow Of(string run, CurvatureAnalysis analysis) => new()
    {
        Run = run,
        Step = analysis.Step,
        Parameters = analysis.Parameters,
        Examples = analysis.Examples,
        Loss = analysis.Loss,
        Method = $"{analysis.Method}/{analysis.Operator}",
        Finds = EigenMethods.All[analysis.Method].ByMagnitude ? "largest-magnitude" : "largest",
        Values = analysis.Largest.Values,
        Residuals = analysis.Largest.Residuals,
        Intervals =
        [
            .. analysis.Largest.Intervals.Select(interval => (double[])[interval.Low, interval.High]),
        ],
        Converged = analysis.Converged,
        Products = analysis.Products,
        Seconds = analysis.Seconds,
        LambdaMin = analysis.Smallest?.LambdaMin,
        LambdaMinResidual = analysis.Smallest?.Residuals[0],
        GapRatio = analysis.Largest.GapRatio,
        Preconditioned = analysis.Preconditioned is { } preconditioned
            ? new
            {
                preconditioned.Lambda1,
                preconditioned.Residual,
                Interval = (double[])[preconditioned.Intervals[0].Low, preconditioned.Intervals[0].High],
                preconditioned.Converged,
                preconditioned.Products,
            }
            : null,
        Trace = analysis.Trace is { } trace
            ? new { Estimate = trace.Value, trace.StandardError, trace.Samples }
            : null,
        Density = analysis.Density is { } density ? OfDensity(density) : null,
        Layers = analysis.Layers?.Select(layer => new
        {
            layer.Name,
            layer.Parameters,
            layer.Lambda1,
            layer.Residual,
            layer.Converged,
            layer.Share,
        }),
    };

    private static object OfDensity(SpectralDensity density) => new
    {
        density.Grid,
        density.Density,
        density.StandardError,
        density.Bandwidth,
        Probes = density.Quadratures.Count,
        Steps = density.Quadratures.Max(quadrature => quadrature.Nodes.Count),
    };
}
