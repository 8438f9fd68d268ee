using System.Text.Json.Serialization;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Recovery;

/// <summary>What a diverged run is restarted with.</summary>
/// <param name="Remedy">Name of the remedy.</param>
/// <param name="Plan">What the next attempt trains with.</param>
/// <param name="Reason">Why these numbers, in one sentence for people.</param>
/// <param name="Lambda1">The lambda1 that was looked at for the numbers; null when there was none.</param>
public sealed record RemedyDecision(string Remedy, TrainingPlan Plan, string Reason, double? Lambda1)
{
    /// <summary>What the rate came from; null where the remedy leaves it, and in what older versions wrote.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RateBasis? RateBy { get; init; }
}
