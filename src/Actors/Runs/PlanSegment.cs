using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Runs;

/// <summary>A part of a run's history that was trained with one plan.</summary>
/// <param name="FromStep">Where it begins; it ends where the next one begins.</param>
/// <param name="Plan">The plan.</param>
public sealed record PlanSegment(int FromStep, TrainingPlan Plan);
