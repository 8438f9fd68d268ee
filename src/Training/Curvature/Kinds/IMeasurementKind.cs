namespace CurvatureActors.Training.Curvature.Kinds;

/// <summary>
/// Something beside lambda1 that is measured of a snapshot while training goes on. A kind is one class, registered by
/// one line in <see cref="MeasurementKinds"/>, with its keys on the page of settings. It has no state: what it finds
/// depends on run and snapshot alone.
/// </summary>
public interface IMeasurementKind
{
    /// <summary>The whole numbers that can be set, beside the schedule that every kind has.</summary>
    IReadOnlyList<KindSetting> Settings { get; }

    /// <summary>Measures; an exception costs this measurement and nothing else.</summary>
    /// <param name="at">The snapshot. What is asked of it is computed once for all kinds, and stays its own.</param>
    /// <param name="request">The settings.</param>
    KindResult Measure(SnapshotCurvature at, KindRequest request);
}
