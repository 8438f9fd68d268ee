namespace CurvatureActors.Training.Divergence;

/// <summary>What a rule found at the step that it was just shown.</summary>
/// <param name="Evidence">The numbers, in one sentence for people.</param>
/// <param name="OnsetStep">The last step that was healthy by this rule; 0 when none was.</param>
public readonly record struct DivergenceFinding(string Evidence, int OnsetStep);
