using CurvatureActors.Hessian.Estimators;

namespace CurvatureActors.Training.Curvature.Kinds;

/// <summary>One kind of measurement at one snapshot, with what it cost, or why there is none.</summary>
public sealed record KindMeasurement
{
    /// <summary>The kind.</summary>
    public required string Kind { get; init; }

    /// <summary>Step of the snapshot.</summary>
    public required int Step { get; init; }

    /// <summary>What was found; empty when it failed.</summary>
    public required IReadOnlyList<MeasuredValue> Values { get; init; }

    /// <summary>The density, where the kind is about one.</summary>
    public SpectralDensity? Density { get; init; }

    /// <summary>
    /// Hessian-vector products made. What several kinds of a snapshot need (the top eigenvectors) counts for the first.
    /// </summary>
    public required int Products { get; init; }

    /// <summary>Wall-clock seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Why it failed, in words; null when it did not.</summary>
    public string? Failure { get; init; }
}
