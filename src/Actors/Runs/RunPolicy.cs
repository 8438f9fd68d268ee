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
}
