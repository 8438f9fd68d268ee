using CurvatureActors.Training.Schedules;

namespace CurvatureActors.Training.Curvature;

/// <summary>What forward passes alone say of a snapshot; there is no lambda1 in it.</summary>
/// <param name="Step">Step of the snapshot.</param>
/// <param name="Rate">
/// The largest rate at which the optimizer's next update does not raise the loss over the run's fixed examples
/// (<see cref="CriticalRate"/>); null where the update climbs at any rate, or none up to the peak of the snapshot's plan raises it.
/// </param>
public sealed record CriticalRateMeasurement(int Step, double? Rate);
