namespace CurvatureActors.Training.Sessions;

/// <summary>Loss and accuracy over the whole test set with the network in evaluation mode.</summary>
/// <param name="Step">Number of updates made before.</param>
/// <param name="Loss">Mean loss.</param>
/// <param name="Accuracy">Share of the targets (labels, or positions of texts) predicted correctly, in [0, 1].</param>
public sealed record Evaluation(int Step, double Loss, double Accuracy);
