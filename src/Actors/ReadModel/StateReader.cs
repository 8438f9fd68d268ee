using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Databases;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Telemetry;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Actors.ReadModel;

/// <summary>
/// What a state directory holds, for list, show, events and report. The journal is read once, when first asked for. What
/// can be read is given; what is wrong is in <see cref="Faults"/>.
/// </summary>
public sealed class StateReader : IDisposable
{
    private readonly StateDirectory _directory;
    private readonly bool _inUse;
    private readonly List<string> _faults = [];
    private readonly Lazy<JournalAccount> _journal;
    private readonly TelemetryDatabase? _telemetry;

    /// <summary>Opens a state directory for reading; one that does not exist reads as empty.</summary>
    public StateReader(StateDirectory directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        _directory = directory;
        _inUse = StateDirectoryLock.HolderOf(directory) is not null;
        _telemetry = Try(() => TelemetryDatabase.OpenReader(directory.Telemetry), null);
        _journal = new Lazy<JournalAccount>(ReadJournal);
    }

    /// <summary>What of the directory cannot be read or cannot be true, a sentence each that names the file and says what to do.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            _ = _journal.Value;
            return _faults;
        }
    }

    /// <summary>The directory.</summary>
    public StateDirectory Directory => _directory;

    /// <summary>Whether a program is working on it.</summary>
    public bool InUse => _inUse;

    /// <summary>What the journal tells.</summary>
    internal JournalAccount Journal => _journal.Value;

    /// <summary>The telemetry; null when there is none that can be read.</summary>
    internal TelemetryDatabase? Telemetry => _telemetry;

    /// <summary>For who wants to go on from what is there, and not only look.</summary>
    /// <exception cref="StateDirectoryException">Something cannot be read, or cannot be true.</exception>
    public void RequireWhole()
    {
        if (Faults.Count > 0)
        {
            throw new StateDirectoryException(Sentence()!);
        }
    }

    /// <summary>The first fault, and how many more there are; null when there is none.</summary>
    public string? Sentence() => Faults.Count switch
    {
        0 => null,
        1 => Faults[0],
        _ => $"{Faults[0]} ({Faults.Count - 1} more: `curvature doctor --verify` names them all.)",
    };

    /// <summary>The experiments in the order in which they were first accepted, each in its newest form.</summary>
    public IReadOnlyList<ExperimentView> Experiments() =>
    [
        .. Journal.Accepted.Select(experiment => new ExperimentView(
            experiment.Experiment.Name,
            experiment.At,
            [.. experiment.Experiment.Runs.Select(run => View(experiment.Experiment.Name, run))])
        {
            Study = experiment.Experiment.Study,
        }),
    ];

    /// <summary>The experiments as they were asked for, each in its newest form.</summary>
    public IReadOnlyList<ExperimentSpecification> Accepted() => [.. Journal.Accepted.Select(accepted => accepted.Experiment)];

    /// <summary>
    /// The run whose identity or name is <paramref name="text"/>, or whose identity starts with it; null if there
    /// is none or more than one.
    /// </summary>
    public RunView? Find(string text) => RunLookup.Find(
        [.. Experiments().SelectMany(experiment => experiment.Runs)], text, run => run.Run, run => run.Name);

    /// <summary>The journal of a run, as far as it can be read, with sequence numbers.</summary>
    public IReadOnlyList<(long Sequence, IRunEvent Event)> Events(string run) =>
    [
        .. Journal.Contents.Entries
            .Where(entry => entry.PersistenceId == PersistenceIds.Run(run) && entry.Event is IRunEvent)
            .Select(entry => (entry.Sequence, (IRunEvent)entry.Event)),
    ];

    /// <summary>All steps of a run in order of attempt and step.</summary>
    public IReadOnlyList<StepRow> Steps(string run) => Rows(telemetry => telemetry.Steps(run));

    /// <summary>All evaluations of a run in order of attempt and step.</summary>
    public IReadOnlyList<EvaluationRow> Evaluations(string run) => Rows(telemetry => telemetry.Evaluations(run));

    /// <summary>All measurements of a run in order of attempt and step.</summary>
    public IReadOnlyList<MeasurementRow> Measurements(string run) => Rows(telemetry => telemetry.Measurements(run));

    /// <summary>All values of kinds of measurement beside lambda1 in order of attempt, step, kind and name.</summary>
    public IReadOnlyList<CurvatureValueRow> CurvatureValues(string run) => Rows(telemetry => telemetry.CurvatureValues(run));

    /// <summary>All densities of a run in order of attempt and step.</summary>
    public IReadOnlyList<DensityRow> Densities(string run) => Rows(telemetry => telemetry.Densities(run));

    /// <inheritdoc/>
    public void Dispose() => _telemetry?.Dispose();

    private JournalAccount ReadJournal()
    {
        // Before the journal: see there.
        StateWitnesses? witnesses = Try(() => StateWitnesses.Of(_directory, _telemetry), null);
        JournalAccount journal;
        try
        {
            journal = JournalAccount.Read(_directory.Journal);
        }
        catch (SqliteException error)
        {
            throw new StateDirectoryException(
                $"{_directory.Journal} cannot be read: {SqliteTrouble.Reason(_directory.Journal, error)}. Nothing was changed: try again once it can.", error);
        }

        string[] faults = [.. journal.Faults.Select(fault => fault.Sentence)];
        if (faults.Length == 0 && Try(() => witnesses?.Against(journal), null) is { } unknown)
        {
            faults = [unknown];
        }

        _faults.InsertRange(0, faults);
        return journal;
    }

    private IReadOnlyList<T> Rows<T>(Func<TelemetryDatabase, IReadOnlyList<T>> read) =>
        Try(() => _telemetry is { } telemetry ? read(telemetry) : [], []);

    private T? Row<T>(Func<TelemetryDatabase, T?> read)
        where T : class => Try(() => _telemetry is { } telemetry ? read(telemetry) : null, null);

    /// <summary>Where telemetry cannot be read, what the journal says is still worth seeing.</summary>
    private T Try<T>(Func<T> read, T otherwise)
    {
        try
        {
            return read();
        }
        catch (StateDirectoryException error)
        {
            if (!_faults.Contains(error.Message))
            {
                _faults.Add(error.Message);
            }

            return otherwise;
        }
    }

    private RunView View(string experiment, PlannedRun run)
    {
        RunState state = Journal.Of(run.Run);
        return new RunView
        {
            Experiment = experiment,
            Accepted = run,
            State = state,
            Status = !_inUse && state.Status is (RunStatus.Running or RunStatus.Recovering) ? RunStatus.Pending : state.Status,
            Concluded = Journal.Conclusion(experiment, run.Run) is not null,
            Fault = Journal.FaultOf(run.Run)?.Sentence,
            LastStep = Row(telemetry => telemetry.LastStep(run.Run)),
            LastEvaluation = Row(telemetry => telemetry.LastEvaluation(run.Run)),
            LastMeasurement = Row(telemetry => telemetry.LastMeasurement(run.Run)),
        };
    }
}
