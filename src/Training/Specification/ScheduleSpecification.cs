using System.Text.Json.Serialization;

namespace CurvatureActors.Training.Specification;

/// <summary>The learning rate over time as a fraction of its peak.</summary>
public sealed record ScheduleSpecification
{
    /// <summary>Registered schedule: <c>constant</c>, <c>cosine</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Steps of linear warmup prepended to the schedule; 0 for none.</summary>
    public required int WarmupSteps { get; init; }

    /// <summary>Fraction of the peak at which cosine decay ends.</summary>
    public required double FinalFraction { get; init; }

    /// <summary>
    /// Where a warmup from step 0 starts: <c>critical</c> for the largest rate whose first update does not raise the loss
    /// (<see cref="Schedules.CriticalRate"/>); null for 0.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? WarmupFrom { get; init; }

    /// <summary>What keeps the stability ratio under a set value; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StabilityCapSpecification? StabilityCap { get; init; }
}
