using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Curvature.Kinds;

namespace CurvatureActors.Actors.Configuration;

/// <summary>A kind of measurement beside lambda1 that is switched on.</summary>
/// <param name="Request">The kind and its settings.</param>
/// <param name="Schedule">When it is measured.</param>
public sealed record ProbeKind(KindRequest Request, MeasurementSchedule Schedule);
