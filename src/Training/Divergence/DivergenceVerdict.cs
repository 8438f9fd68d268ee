using System.Text.Json.Serialization;

namespace CurvatureActors.Training.Divergence;

/// <summary>A rule's finding that a run is diverging.</summary>
/// <param name="Step">Step whose metrics gave the evidence; its update was not made.</param>
/// <param name="Rule">Name of the rule.</param>
/// <param name="Evidence">The numbers, in one sentence for people.</param>
/// <param name="HealthyGradientNorm">
/// The specification's clip percentile of the unclipped gradient norms up to <c>HealthyAfter</c> steps before
/// <paramref name="Step"/> (of the first norm where there are none); null if not even that was finite.
/// </param>
/// <param name="OnsetStep">
/// The last step that was healthy, as seen from the verdict: a snapshot of a later step is from inside the trouble.
/// From 0 (never was, or not since initialisation) to <paramref name="Step"/>. Null in what older versions wrote.
/// </param>
public sealed record DivergenceVerdict(
    int Step,
    string Rule,
    string Evidence,
    double? HealthyGradientNorm,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? OnsetStep = null);
