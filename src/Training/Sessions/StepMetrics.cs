namespace CurvatureActors.Training.Sessions;

/// <summary>What one step showed, before its update was applied.</summary>
/// <param name="Step">Number of updates made before: step 0 is at initialisation, like the snapshot of that step.</param>
/// <param name="Loss">Mean loss of the batch; may be NaN or infinite.</param>
/// <param name="Accuracy">Share of the batch classified correctly, in [0, 1].</param>
/// <param name="GradientNorm">Global 2-norm of the gradient before clipping; may be NaN or infinite.</param>
/// <param name="LearningRate">Rate of the update.</param>
/// <param name="Clipped">Whether the update was clipped.</param>
public readonly record struct StepMetrics(
    int Step, double Loss, double Accuracy, double GradientNorm, double LearningRate, bool Clipped);
