using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Telemetry;

namespace CurvatureActors.Actors.ReadModel;

/// <summary>What a state directory holds, for list, show, events and report.</summary>
public sealed class StateReader : IDisposable
{
    private readonly StateDirectory _directory;
    private readonly bool _inUse;
    private readonly TelemetryDatabase? _telemetry;

    /// <summary>Opens a state directory for reading; one that does not exist reads as empty.</summary>
    public StateReader(StateDirectory directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        _directory = directory;
        _inUse = StateDirectoryLock.HolderOf(directory) is not null;
        _telemetry = TelemetryDatabase.OpenReader(directory.Telemetry);
    }

    /// <summary>The experiments in the order in which they were first accepted, each in its newest form.</summary>
    public IReadOnlyList<ExperimentView> Experiments()
    {
        var accepted = new Dictionary<string, ExperimentAccepted>();
        var states = new Dictionary<string, RunState>();
        foreach ((string persistenceId, _, IJournalEvent journalEvent) in JournalReader.Read(_directory.Journal))
        {
            if (journalEvent is ExperimentAccepted experiment)
            {
                accepted[experiment.Experiment.Name] = experiment;
            }
            else if (journalEvent is IRunEvent e && PersistenceIds.RunOf(persistenceId) is { } run)
            {
                states[run] = states.GetValueOrDefault(run, RunState.New).Apply(e);
            }
        }

        return
        [
            .. accepted.Values.Select(experiment => new ExperimentView(
                experiment.Experiment.Name,
                experiment.At,
                [.. experiment.Experiment.Runs.Select(run => View(experiment.Experiment.Name, run, states.GetValueOrDefault(run.Run, RunState.New)))])
            {
                Study = experiment.Experiment.Study,
            }),
        ];
    }

    /// <summary>The experiments as they were asked for, each in its newest form.</summary>
    public IReadOnlyList<ExperimentSpecification> Accepted() =>
    [
        .. JournalReader.Read(_directory.Journal)
            .Select(entry => entry.Event)
            .OfType<ExperimentAccepted>()
            .GroupBy(accepted => accepted.Experiment.Name)
            .Select(group => group.Last().Experiment),
    ];

    /// <summary>
    /// The run whose identity or name is <paramref name="text"/>, or whose identity starts with it; null if there
    /// is none or more than one.
    /// </summary>
    public RunView? Find(string text) => RunLookup.Find(
        [.. Experiments().SelectMany(experiment => experiment.Runs)], text, run => run.Run, run => run.Name);

    /// <summary>The journal of a run, with sequence numbers.</summary>
    public IReadOnlyList<(long Sequence, IRunEvent Event)> Events(string run) =>
    [
        .. JournalReader.Read(_directory.Journal, PersistenceIds.Run(run))
            .Select(entry => (entry.Sequence, (IRunEvent)entry.Event)),
    ];

    /// <summary>All steps of a run in order of attempt and step.</summary>
    public IReadOnlyList<StepRow> Steps(string run) => _telemetry?.Steps(run) ?? [];

    /// <summary>All evaluations of a run in order of attempt and step.</summary>
    public IReadOnlyList<EvaluationRow> Evaluations(string run) => _telemetry?.Evaluations(run) ?? [];

    /// <summary>All measurements of a run in order of attempt and step.</summary>
    public IReadOnlyList<MeasurementRow> Measurements(string run) => _telemetry?.Measurements(run) ?? [];

    /// <summary>All values of kinds of measurement beside lambda1 in order of attempt, step, kind and name.</summary>
    public IReadOnlyList<CurvatureValueRow> CurvatureValues(string run) => _telemetry?.CurvatureValues(run) ?? [];

    /// <summary>All densities of a run in order of attempt and step.</summary>
    public IReadOnlyList<DensityRow> Densities(string run) => _telemetry?.Densities(run) ?? [];

    /// <inheritdoc/>
    public void Dispose() => _telemetry?.Dispose();

    private RunView View(string experiment, PlannedRun run, RunState state) => new()
    {
        Experiment = experiment,
        Accepted = run,
        State = state,
        Status = !_inUse && state.Status is (RunStatus.Running or RunStatus.Recovering) ? RunStatus.Pending : state.Status,
        LastStep = _telemetry?.LastStep(run.Run),
        LastEvaluation = _telemetry?.LastEvaluation(run.Run),
        LastMeasurement = _telemetry?.LastMeasurement(run.Run),
    };
}
