namespace CurvatureActors.Training.Divergence;

/// <summary>A rule's finding that a run is diverging.</summary>
/// <param name="Step">Step whose metrics gave the evidence; its update was not made.</param>
/// <param name="Rule">Name of the rule.</param>
/// <param name="Evidence">The numbers, in one sentence for people.</param>
/// <param name="HealthyGradientNorm">
/// The specification's clip percentile of the unclipped gradient norms up to <c>HealthyAfter</c> steps before
/// <paramref name="Step"/> (of the first norm where there are none); null if not even that was finite.
/// </param>
public sealed record DivergenceVerdict(int Step, string Rule, string Evidence, double? HealthyGradientNorm);
