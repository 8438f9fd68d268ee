using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Databases;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Training;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Actors.ReadModel;

/// <summary>
/// Holds journal, telemetry and snapshots against each other and against the digests that were taken at the end of each
/// run, and says what does not fit.
/// </summary>
public sealed class StateVerification
{
    private readonly StateReader _reader;
    private readonly SnapshotFolder _folder;
    private readonly List<string> _problems = [];
    private readonly List<string> _uncovered = [];
    private readonly List<string> _incomplete = [];
    private int _runs;
    private int _snapshots;

    private StateVerification(StateReader reader)
    {
        _reader = reader;
        _folder = new SnapshotFolder(reader.Directory.Snapshots);
    }

    /// <summary>What does not fit, a sentence each.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Ended runs of which no digest was taken: an earlier version ended them, or their rows could not be read then.</summary>
    public IReadOnlyList<string> Uncovered => _uncovered;

    /// <summary>Ended runs whose record says that telemetry lacked some of their rows already at their end, a sentence each.</summary>
    public IReadOnlyList<string> Incomplete => _incomplete;

    /// <summary>Runs that were looked at.</summary>
    public int Runs => _runs;

    /// <summary>Snapshots that were read and fit.</summary>
    public int Snapshots => _snapshots;

    /// <summary>Verifies a state directory.</summary>
    /// <param name="reader">The directory.</param>
    /// <param name="experiment">Only the runs of this experiment, and of their snapshots the newest alone; null for everything.</param>
    public static StateVerification Of(StateReader reader, string? experiment = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var verification = new StateVerification(reader);
        if (experiment is null)
        {
            verification.CheckFile(reader.Directory.Journal);
            verification.CheckFile(reader.Directory.Telemetry);
        }

        IReadOnlyList<ExperimentView> experiments = reader.Experiments();
        verification._problems.AddRange(reader.Faults);
        HashSet<string> seen = [];
        foreach (ExperimentView view in experiments.Where(view => experiment is null || view.Name == experiment))
        {
            var points = new SweepPointCheck(view.Name, view.Runs.Select(run => run.Accepted));
            foreach (RunView run in view.Runs)
            {
                if (points.Misfit(run.Accepted) is { } misfit)
                {
                    verification.Problem(run, misfit);
                }

                verification.CheckEnd(run);
                if (seen.Add(run.Run))
                {
                    verification._runs++;
                    verification.CheckRun(run, thorough: experiment is null);
                }
            }
        }

        return verification;
    }

    private void CheckFile(string path)
    {
        if (!File.Exists(path) || PlainFile.Instead(path) is not null)
        {
            // Who reads it next says what stands there; to open a pipe is to wait for ever.
            return;
        }

        try
        {
            using SqliteConnection connection = SqliteFile.OpenForReading(path);
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA integrity_check(1)";
            if (command.ExecuteScalar() is not "ok")
            {
                _problems.Add($"{path} is damaged: its pages do not fit together.");
            }
        }
        catch (SqliteException)
        {
            // Who reads it next says what is wrong.
        }
    }

    /// <summary>The experiment's account of the end against the run's own, and both against the digests.</summary>
    private void CheckEnd(RunView run)
    {
        RunStatus own = run.State.Status;
        if (_reader.Journal.Conclusion(run.Experiment, run.Run) is not { } concluded)
        {
            CheckRows(run);
            if (own.IsTerminal() && !_reader.InUse)
            {
                NotConcluded(run);
            }

            return;
        }

        if (run.Fault is null && concluded.State != own)
        {
            Problem(run, own.IsTerminal()
                ? $"ended {concluded.State.Word()} by the experiment's journal and {own.Word()} by its own"
                : $"ended {concluded.State.Word()} by the experiment's journal, but its own has no end");
        }

        if (concluded.Seal is not { } seal)
        {
            CheckRows(run);
            _uncovered.Add($"Run {run.Run} was ended by a version that took no digests, or its rows could not be read then.");
            return;
        }

        if (seal.Missing is { Count: > 0 } missing)
        {
            _incomplete.Add($"Run {run.Run} [{run.Name}] ended without {string.Join(", ", missing)}, which {_reader.Directory.Telemetry} had lost before.");
        }

        Try(() => Compare(run, $"{_reader.Directory.Journal}", seal.Journal, JournalDigest.Of(_reader.Directory.Journal, PersistenceIds.Run(run.Run))));
        Try(() => CompareTelemetry(run, seal));
    }

    /// <summary>
    /// It ended, and the experiment does not say so: a program that was killed between the two leaves that, and so do rows
    /// that were removed. SQLite remembers how many rows there were.
    /// </summary>
    private void NotConcluded(RunView run)
    {
        string what = $"has ended {run.State.Status.Word()} by its own journal, and the experiment's has neither its end nor a digest of what it left";
        long removed = 0;
        Try(() => removed = JournalDigest.RowsLostAfter(_reader.Directory.Journal, PersistenceIds.Run(run.Run)));
        if (removed > 0)
        {
            Problem(run, $"{what}: {removed} rows that were written after it are gone from {_reader.Directory.Journal}");
        }
        else
        {
            _uncovered.Add($"Run {run.Run} {what}: the next `curvature run` or `curvature resume` takes it.");
        }
    }

    /// <summary>What the journal promises of telemetry, of a run that no digest covers.</summary>
    private void CheckRows(RunView run) => Try(() =>
    {
        if (_reader.Telemetry is null && File.Exists(_reader.Directory.Telemetry))
        {
            // It is named already.
            return;
        }

        if (StoredRows.Missing(run.Run, run.State, _reader.Telemetry) is { Count: > 0 } missing)
        {
            Problem(run, $"lacks {string.Join(", ", missing)} in {_reader.Directory.Telemetry}, which by {_reader.Directory.Journal} were stored");
        }

        EvaluationRow[] evaluations = [.. _reader.Evaluations(run.Run)];
        foreach (SnapshotCommitted committed in StoredRows.Evaluated(run.State))
        {
            if (Array.Find(evaluations, row => row.Attempt == committed.Attempt && row.Step == committed.Step) is { } row
                && !row.Evaluation.Accuracy.Equals(committed.Accuracy))
            {
                Problem(run, $"was evaluated at step {committed.Step} with accuracy {committed.Accuracy:g6} by {_reader.Directory.Journal}, "
                    + $"with {row.Evaluation.Accuracy:g6} by {_reader.Directory.Telemetry}");
            }
        }
    });

    private void CompareTelemetry(RunView run, RunSeal seal)
    {
        string path = _reader.Directory.Telemetry;
        if (_reader.Telemetry is not { } telemetry)
        {
            if (!File.Exists(path) && seal.Telemetry.Values.Any(table => table.Rows > 0))
            {
                Problem(run, $"has no rows any more, since {path} is not there");
            }

            return;
        }

        foreach ((string table, RowDigest now) in telemetry.Digests(run.Run))
        {
            // A table that a later version added is not covered.
            if (seal.Telemetry.TryGetValue(table, out RowDigest? then))
            {
                Compare(run, $"{path}, table {table}", then, now);
            }
        }
    }

    private void Compare(RunView run, string where, RowDigest then, RowDigest now)
    {
        if (then.Rows != now.Rows)
        {
            Problem(run, $"ended with {then.Rows} rows in {where}, and there are {now.Rows}");
        }
        else if (then.Sha256 != now.Sha256)
        {
            Problem(run, $"has other values in {where} than at its end");
        }
    }

    private void CheckRun(RunView run, bool thorough)
    {
        if (run.Specification.Identity() != run.Run)
        {
            Problem(run, $"has another specification in {_reader.Directory.Journal} than its identity stands for");
        }

        if (run.State.Completion is { } completion)
        {
            CheckEvaluation(run, completion);
        }

        foreach (SnapshotCommitted snapshot in run.State.Snapshots)
        {
            bool newest = snapshot == run.State.NewestSnapshot;
            if (newest || thorough)
            {
                CheckSnapshot(run, snapshot, newest);
            }
        }
    }

    /// <summary>The last evaluation is told twice: in the run's end and in telemetry.</summary>
    private void CheckEvaluation(RunView run, RunCompleted completion)
    {
        if (_reader.Telemetry is null)
        {
            return;
        }

        int attempt = run.State.Attempt?.Attempt ?? 0;
        EvaluationRow? row = _reader.Evaluations(run.Run)
            .FirstOrDefault(row => row.Attempt == attempt && row.Step == completion.Evaluation.Step);
        if (row is null)
        {
            Problem(run, $"has completed, but {_reader.Directory.Telemetry} has no evaluation of its last step");
        }
        else if (!Same(row.Evaluation, completion.Evaluation))
        {
            Problem(run, $"completed with accuracy {completion.Evaluation.Accuracy:g6} and loss {completion.Evaluation.Loss:g6} "
                + $"by {_reader.Directory.Journal}, with {row.Evaluation.Accuracy:g6} and {row.Evaluation.Loss:g6} by {_reader.Directory.Telemetry}");
        }
    }

    private static bool Same(Evaluation one, Evaluation other) =>
        one.Loss.Equals(other.Loss) && one.Accuracy.Equals(other.Accuracy);

    private void CheckSnapshot(RunView run, SnapshotCommitted committed, bool newest)
    {
        string path = _folder.Locate(committed.File);
        if (!Path.Exists(path))
        {
            // Older ones are removed when no rescue needs them; while a program runs, the newest may just have become older.
            if (newest && !(_reader.InUse && !run.State.Status.IsTerminal()))
            {
                Problem(run, $"has lost its newest snapshot {path}");
            }

            return;
        }

        try
        {
            using SnapshotBuffer snapshot = _folder.Read(committed.File, committed.Sha256);
            _snapshots++;
            if (run.State.Completion is { } completion && committed.Step == completion.Steps
                && snapshot.ParametersSha256() is var parameters && parameters != completion.ParametersSha256)
            {
                Problem(run, $"completed with parameters {completion.ParametersSha256} by {_reader.Directory.Journal}, "
                    + $"but {path} holds {parameters}");
            }
        }
        catch (SnapshotException error)
        {
            if (Path.Exists(path))
            {
                _problems.Add($"Run {run.Run}: {error.Message}");
            }
        }
        catch (SnapshotUnreadableException error)
        {
            _problems.Add($"Run {run.Run}: {error.Message}");
        }
    }

    private void Problem(RunView run, string what) => _problems.Add($"Run {run.Run} [{run.Name}] {what}.");

    private void Try(Action check)
    {
        try
        {
            check();
        }
        catch (SqliteException error)
        {
            _problems.Add($"{_reader.Directory.Journal} cannot be read: {error.Message}");
        }
        catch (StateDirectoryException error)
        {
            _problems.Add(error.Message);
        }
    }
}
