using CurvatureActors.Actors.Configuration;

namespace CurvatureActors.Actors.Runs;

/// <summary>How runs of an experiment are kept going; nothing that decides a trajectory.</summary>
/// <param name="Observation">How runs are watched.</param>
/// <param name="CrashBudget">Most trainers a run may lose in a row without a new snapshot between them.</param>
/// <param name="ErrorBudget">Most errors of model, data or loss.</param>
internal sealed record RunPolicy(ObservationOptions Observation, int CrashBudget, int ErrorBudget)
{
    /// <summary>The policy that an experiment asks for.</summary>
    public static RunPolicy Of(ExperimentSpecification experiment) => new(
        new ObservationOptions(
            experiment.Probe, experiment.EvaluateEvery, experiment.SnapshotKeep, experiment.Runtime.Slice)
        {
            WhenUnwritable = experiment.WhenUnwritable,
            Audit = experiment.Runtime.Audit,
        },
        experiment.CrashBudget,
        experiment.ErrorBudget)
    {
        HangAfter = experiment.Runtime.HangAfter,
        StoragePatience = experiment.Runtime.StoragePatience,
    };

    /// <summary>How long what cannot be read is tried again.</summary>
    public TimeSpan StoragePatience { get; init; } = TimeSpan.FromSeconds(180);

    /// <summary>Silence after which a trainer counts as hung.</summary>
    public TimeSpan HangAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Why a run that lost its trainer is not placed again; null when it is.</summary>
    /// <param name="state">The run, with this loss in it.</param>
    /// <param name="reason">Why the trainer was lost.</param>
    public string? ReasonToGiveUp(RunState state, string reason) =>
        state.UserErrors > ErrorBudget ? reason
        : state.CrashesInARow > CrashBudget
            ? $"its trainer was lost {state.CrashesInARow} times in a row without a new snapshot; last: {reason}"
        : null;

    /// <summary>How long to wait before it is placed again: a quarter of a second after the first loss, doubled with each in a row, a minute at most.</summary>
    public static TimeSpan BackOff(RunState state) => TimeSpan.FromSeconds(
        Math.Min(60, 0.25 * Math.Pow(2, state.CrashesInARow + state.UserErrors - 1)));
}
