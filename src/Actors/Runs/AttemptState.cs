using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Recovery;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Runs;

/// <summary>One pass of a run between two decisions of its supervisor.</summary>
/// <param name="Attempt">Its number, from 1.</param>
/// <param name="FromStep">Step it starts from.</param>
/// <param name="Plan">What it trains with.</param>
/// <param name="Verdict">How it diverged; null if it did not.</param>
/// <param name="Remedy">What the next attempt was given; null if there was none.</param>
/// <param name="RolledBackTo">Step the next attempt starts from.</param>
public sealed record AttemptState(
    int Attempt,
    int FromStep,
    TrainingPlan Plan,
    DivergenceVerdict? Verdict = null,
    RemedyDecision? Remedy = null,
    int? RolledBackTo = null)
{
    /// <summary>
    /// By the journal telemetry has a row for each step from <see cref="FromStep"/> up to before this one: a snapshot is
    /// committed, and the attempt's end told, only once the rows of the steps before it are stored.
    /// </summary>
    public int StoredTo { get; init; }
}
