using CurvatureActors.Training.Curvature.Kinds;

namespace CurvatureActors.Training.Curvature;

/// <summary>Everything that was measured of one snapshot.</summary>
/// <param name="Lambda1">lambda1; null when it was not asked for.</param>
/// <param name="Kinds">The other kinds in the order in which they were asked for, failed ones too.</param>
public sealed record SnapshotMeasurements(CurvatureMeasurement? Lambda1, IReadOnlyList<KindMeasurement> Kinds)
{
    /// <summary>What forward passes say; null when they were not asked, or are part of <see cref="Lambda1"/>.</summary>
    public CriticalRateMeasurement? CriticalRate { get; init; }
}
