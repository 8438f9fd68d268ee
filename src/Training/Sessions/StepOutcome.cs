using CurvatureActors.Training.Divergence;

namespace CurvatureActors.Training.Sessions;

/// <summary>Result of a step.</summary>
/// <param name="Metrics">What was seen.</param>
/// <param name="Verdict">Why the run counts as diverging; then no update was made. Null when all is well.</param>
public readonly record struct StepOutcome(StepMetrics Metrics, DivergenceVerdict? Verdict);
