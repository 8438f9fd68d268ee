using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Databases;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Telemetry;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Actors.Hosting;

/// <summary>Whether a program may go on from what a state directory holds. For the start, with the lock held.</summary>
internal static class StateCheck
{
    /// <summary>Requires that it may.</summary>
    /// <returns>How the experiment's runs stand by their own journals, and what is to be said of them.</returns>
    /// <exception cref="StateDirectoryException">
    /// A row of the journal cannot be read or was written by others, rows are missing, snapshots or telemetry have runs that
    /// the journal does not know, what unfinished runs would go on from is out of reach, or a run's specification is not
    /// the one of its identity.
    /// </exception>
    public static (IReadOnlyDictionary<string, RunStatus> Runs, string? Notice) Require(StateDirectory directory, ExperimentSpecification experiment)
    {
        using TelemetryDatabase? telemetry = TelemetryDatabase.OpenReader(directory.Telemetry);
        var witnesses = StateWitnesses.Of(directory, telemetry);
        JournalAccount journal = Read(directory.Journal);
        if ((journal.Faults.Count > 0 ? journal.Faults[0].Sentence : witnesses.Against(journal)) is { } fault)
        {
            throw new StateDirectoryException(fault);
        }

        var known = experiment.Runs.DistinctBy(run => run.Run).ToDictionary(run => run.Run, run => journal.Of(run.Run));
        int withSnapshots = known.Values.Count(run => !run.Status.IsTerminal() && run.Snapshots.Count > 0);
        if (withSnapshots > 0 && !Directory.Exists(directory.Snapshots))
        {
            throw new StateDirectoryException(
                $"{directory.Snapshots} is not there, and {withSnapshots} unfinished runs would go on from what is in it: "
                + "mount it or put it back, or make an empty folder of that name to train them again from the beginning.");
        }

        if (experiment.Runs.FirstOrDefault(run => run.Specification.Identity() != run.Run) is { } changed)
        {
            throw new StateDirectoryException(
                $"Run {changed.Run} [{changed.Name}] has another specification in {directory.Journal} than its identity stands for; "
                + "put back a copy of the file, or choose another directory with --state.");
        }

        return (known.ToDictionary(run => run.Key, run => run.Value.Status), Gaps(directory, experiment, journal, telemetry));
    }

    /// <summary>
    /// Rows that by the journal were stored, of runs that are not sealed yet. Training does not rest on them, so it goes on;
    /// what is recorded at the run's end says that they were missing.
    /// </summary>
    private static string? Gaps(
        StateDirectory directory, ExperimentSpecification experiment, JournalAccount journal, TelemetryDatabase? telemetry)
    {
        (string Run, IReadOnlyList<MissingRows> Missing)[] gaps =
        [
            .. experiment.Runs.DistinctBy(run => run.Run)
                .Where(run => journal.Conclusion(experiment.Name, run.Run) is null || !journal.Of(run.Run).Status.IsTerminal())
                .Select(run => (run.Run, StoredRows.Missing(run.Run, journal.Of(run.Run), telemetry)))
                .Where(gap => gap.Item2.Count > 0),
        ];
        return gaps.Length == 0
            ? null
            : $"{directory.Telemetry} {(telemetry is null ? "is not there" : "lacks rows")} though the journal has them as stored: "
                + $"of run {gaps[0].Run} {string.Join(", ", gaps[0].Missing)}"
                + (gaps.Length > 1 ? $", and of {gaps.Length - 1} more {(gaps.Length == 2 ? "run" : "runs")}" : "")
                + "; training goes on without these numbers, and the record of the end will say so (put back a copy of the file first, if there is one)";
    }

    private static JournalAccount Read(string path)
    {
        try
        {
            return JournalAccount.Read(path);
        }
        catch (SqliteException error)
        {
            throw new StateDirectoryException(
                $"{path} cannot be read: {SqliteTrouble.Reason(path, error)}. Nothing was changed: try again once it can.", error);
        }
    }
}
