namespace CurvatureActors.Training.Specification;

/// <summary>What is done when a run diverges.</summary>
public sealed record RecoverySpecification
{
    /// <summary>Whether a diverged run is restarted at all.</summary>
    public required bool Enabled { get; init; }

    /// <summary>Most restarts after divergence. Crashes of the machine do not count.</summary>
    public required int Budget { get; init; }

    /// <summary>A snapshot is healthy when so many clean steps were made after it.</summary>
    public required int HealthyAfter { get; init; }

    /// <summary>Registered remedies in order: <c>warmup</c>, <c>clip</c>, <c>lower-rate</c>. The last is repeated.</summary>
    public required EquatableList<string> Ladder { get; init; }

    /// <summary>warmup: length of the warmup that is prepended.</summary>
    public required int WarmupSteps { get; init; }

    /// <summary>clip: percentile of the healthy, unclipped gradient norms that becomes the clip norm.</summary>
    public required double ClipPercentile { get; init; }

    /// <summary>lower-rate: fraction of the stability threshold at the measured lambda1 that becomes the new rate.</summary>
    public required double SafeFraction { get; init; }

    /// <summary>lower-rate: factor on the rate when there is no curvature to go by, and the most it keeps when there is.</summary>
    public required double FallbackFactor { get; init; }
}
