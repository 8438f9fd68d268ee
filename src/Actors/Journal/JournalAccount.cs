using CurvatureActors.Actors.Runs;

namespace CurvatureActors.Actors.Journal;

/// <summary>
/// What a journal tells of experiments and runs: the fold of its sound rows. A row that cannot follow those before it
/// is a fault as well.
/// </summary>
public sealed class JournalAccount
{
    private readonly OrderedDictionary<string, ExperimentAccepted> _accepted = [];
    private readonly Dictionary<(string Experiment, string Run), RunConcluded> _concluded = [];
    private readonly Dictionary<string, RunState> _runs = [];
    private readonly Dictionary<string, JournalFault> _runFaults = [];
    private readonly HashSet<string> _stopped = [];
    private readonly HashSet<string> _asked = [];
    private readonly List<JournalFault> _faults;

    private JournalAccount(JournalContents contents) => (Contents, _faults) = (contents, [.. contents.Faults]);

    /// <summary>The rows themselves.</summary>
    public JournalContents Contents { get; }

    /// <summary>Experiments in the order in which they were first accepted, each in its newest form.</summary>
    public IReadOnlyCollection<ExperimentAccepted> Accepted => _accepted.Values;

    /// <summary>Whether any run has begun to train.</summary>
    public bool HasTrained => _runs.Values.Any(run => run.Attempts.Count > 0);

    /// <summary>All that is wrong.</summary>
    public IReadOnlyList<JournalFault> Faults => _faults;

    /// <summary>Reads and folds.</summary>
    /// <param name="path">journal.db; a missing file is an empty journal.</param>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">The file is there and cannot be reached.</exception>
    public static JournalAccount Read(string path)
    {
        var account = new JournalAccount(JournalReader.Read(path));
        foreach (JournalEntry entry in account.Contents.Entries.Where(entry => entry.Sound))
        {
            account.Apply(path, entry);
        }

        account.RequireOwners(path);
        foreach (JournalFault fault in account._faults)
        {
            if (fault.PersistenceId is { } id && PersistenceIds.RunOf(id) is { } run)
            {
                account._runFaults.TryAdd(run, fault);
            }
        }

        return account;
    }

    /// <summary>One run as its sound rows tell it, without reading the others.</summary>
    /// <param name="path">journal.db.</param>
    /// <param name="run">The run.</param>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">The file is there and cannot be reached.</exception>
    public static RunState OfRun(string path, string run)
    {
        var account = new JournalAccount(JournalReader.Read(path, PersistenceIds.Run(run)));
        foreach (JournalEntry entry in account.Contents.Entries.Where(entry => entry.Sound))
        {
            account.Apply(path, entry);
        }

        return account.Of(run);
    }

    /// <summary>A run as its sound rows tell it.</summary>
    public RunState Of(string run) => _runs.GetValueOrDefault(run, RunState.New);

    /// <summary>What is wrong with a run's rows; null when nothing is.</summary>
    public JournalFault? FaultOf(string run) => _runFaults.GetValueOrDefault(run);

    /// <summary>What the experiment says of a run's end; null when it knows of none.</summary>
    public RunConcluded? Conclusion(string experiment, string run) => _concluded.GetValueOrDefault((experiment, run));

    /// <summary>Whether there is a row of a run, readable or not.</summary>
    public bool Knows(string run) => Contents.Ids.Contains(PersistenceIds.Run(run));

    private void Apply(string path, JournalEntry entry)
    {
        string id = entry.PersistenceId;
        if (_stopped.Contains(id))
        {
            return;
        }

        switch (entry.Event)
        {
            case ExperimentAccepted accepted when PersistenceIds.ExperimentOf(id) is not null:
                _accepted[accepted.Experiment.Name] = accepted;
                _asked.UnionWith(accepted.Experiment.Runs.Select(run => run.Run));
                return;
            case RunConcluded concluded when PersistenceIds.ExperimentOf(id) is { } experiment:
                _concluded[(experiment, concluded.Run)] = concluded;
                return;
            case IRunEvent e when PersistenceIds.RunOf(id) is { } run:
                if (Next(Of(run), e) is { } next)
                {
                    _runs[run] = next;
                    return;
                }

                break;
        }

        _stopped.Add(id);
        _faults.Add(JournalFault.OfRow(path, id, entry.Sequence, "does not fit what comes before it"));
    }

    /// <summary>
    /// An experiment is accepted before any of its runs begins, and every form of it stays: runs that none has asked for say
    /// that rows are gone, even where none is missing between others.
    /// </summary>
    private void RequireOwners(string path)
    {
        if (_faults.Count > 0)
        {
            // What cannot be read may have asked for them.
            return;
        }

        string[] unasked =
        [
            .. Contents.Ids.Select(PersistenceIds.RunOf).OfType<string>().Where(run => !_asked.Contains(run)).Order(StringComparer.Ordinal),
        ];
        if (unasked.Length > 0)
        {
            _faults.Add(JournalFault.OfFile(
                path,
                $"has rows of {(unasked.Length == 1 ? $"run {unasked[0]}" : $"{unasked.Length} runs (the first is {unasked[0]})")} "
                + "and none of an experiment that asked for it: those are gone"));
        }
    }

    /// <summary>The state after an event; null when it cannot follow: a verdict without an attempt, say.</summary>
    private static RunState? Next(RunState state, IRunEvent e)
    {
        try
        {
            return state.Apply(e);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or NullReferenceException)
        {
            return null;
        }
    }
}
