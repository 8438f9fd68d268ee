namespace CurvatureActors.Training.Schedules;

/// <summary>What one measurement says about the rates from some step on.</summary>
/// <param name="MeasuredAt">Step of the snapshot that was measured.</param>
/// <param name="From">First update that it limits: fixed by the specification, whenever the value came.</param>
/// <param name="Sharpness">
/// The eigenvalue that the optimizer's threshold is about; null where there is none yet (Adam and RMSProp before their
/// first update), which limits nothing.
/// </param>
public sealed record StabilityLimit(int MeasuredAt, int From, double? Sharpness);
