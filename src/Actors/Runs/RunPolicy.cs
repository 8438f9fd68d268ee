using CurvatureActors.Actors.Configuration;

namespace CurvatureActors.Actors.Runs;

/// <summary>How runs of an experiment are kept going; nothing that decides a trajectory.</summary>
/// <param name="Observation">How runs are watched.</param>
/// <param name="InfrastructureRestarts">Most trainers a run may lose within an hour.</param>
/// <param name="ErrorBudget">Most errors of model, data or loss.</param>
internal sealed record RunPolicy(ObservationOptions Observation, int InfrastructureRestarts, int ErrorBudget)
{
    /// <summary>The policy that an experiment asks for.</summary>
    public static RunPolicy Of(ExperimentSpecification experiment) => new(
        new ObservationOptions(
            experiment.Probe, experiment.EvaluateEvery, experiment.SnapshotKeep, experiment.Runtime.Slice),
        experiment.InfrastructureRestarts,
        experiment.ErrorBudget);

    /// <summary>Why a run that lost its trainer is not placed again; null when it is.</summary>
    /// <param name="state">The run, with this loss in it.</param>
    /// <param name="reason">Why the trainer was lost.</param>
    /// <param name="now">The time.</param>
    public string? ReasonToGiveUp(RunState state, string reason, DateTimeOffset now)
    {
        int recent = state.InfrastructureFailures.Count(at => at > now - TimeSpan.FromHours(1));
        return state.UserErrors > ErrorBudget ? reason
            : recent > InfrastructureRestarts ? $"its trainer was lost {recent} times within an hour; last: {reason}"
            : null;
    }

    /// <summary>How long to wait before it is placed again: a second after the first loss, doubled with each, a minute at most.</summary>
    public static TimeSpan BackOff(RunState state) => TimeSpan.FromSeconds(
        Math.Min(60, Math.Pow(2, state.InfrastructureFailures.Count + state.UserErrors - 1)));
}
