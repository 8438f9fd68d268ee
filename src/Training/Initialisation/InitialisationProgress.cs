namespace CurvatureActors.Training.Initialisation;

/// <summary>How far a phase of the initialisation is.</summary>
/// <param name="Phase"><c>metainit</c> or <c>gradinit</c>.</param>
/// <param name="Step">Steps made.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Value">Before the step: the gradient quotient (metainit), the gradient norm (gradinit).</param>
public sealed record InitialisationProgress(string Phase, int Step, int Steps, double Value);
