using System.Text.Json.Serialization;
using CurvatureActors.Training.Curvature;

namespace CurvatureActors.Training.Specification;

/// <summary>
/// The most that the stability ratio may be, and the measurements of lambda1 that see to it: the rates rest on them, so
/// with a cap their schedule is part of the run. See <see cref="Schedules.StabilityCap"/>.
/// </summary>
public sealed record StabilityCapSpecification
{
    /// <summary>Most that the sharpness over the optimizer's threshold may be; above 0.</summary>
    public required double Ratio { get; init; }

    /// <summary>Steps from a measurement to the first update that it limits, where the trainer does not wait for it anyway.</summary>
    public required int Lag { get; init; }

    /// <summary>First steps of an attempt that are measured one by one; each limits its own update.</summary>
    public required int DenseSteps { get; init; }

    /// <summary>Steps between measurements after those; null where they are spaced logarithmically.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Every { get; init; }

    /// <summary>Measurements in each tenfold of steps after those; null where they are spaced linearly.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? PerDecade { get; init; }

    /// <summary>When lambda1 is measured.</summary>
    public MeasurementSchedule Measured() => new(
        DenseSteps, Every is null ? Spacing.Logarithmic : Spacing.Linear, Every ?? 1, PerDecade ?? 1);

    /// <summary>The first update that the measurement at a step limits.</summary>
    /// <param name="step">Updates made before the measurement.</param>
    /// <param name="attemptFrom">Step that the attempt began at.</param>
    /// <returns>
    /// The step itself where the trainer waits for the value (the dense steps, and step 0, before which there is none),
    /// and the step after the lag elsewhere.
    /// </returns>
    public int LimitsFrom(int step, int attemptFrom) =>
        step == 0 || Measured().IsDense(step, attemptFrom) ? step : (int)Math.Min(int.MaxValue, (long)step + Lag);
}
