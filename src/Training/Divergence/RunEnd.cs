using CurvatureActors.Training.Sessions;

namespace CurvatureActors.Training.Divergence;

/// <summary>What a run that has made its last step is judged by, beside what its rules remember.</summary>
/// <param name="Evaluation">Over the whole test set, at the last step.</param>
/// <param name="Targets">Targets in the test set; 1 or more.</param>
/// <param name="BatchTargets">Targets in a batch of the training; 1 or more.</param>
public readonly record struct RunEnd(Evaluation Evaluation, long Targets, long BatchTargets)
{
    /// <summary>Deviation of a mean over the test set in deviations of a mean over one batch.</summary>
    internal double Precision => Math.Sqrt((double)BatchTargets / Targets);
}
