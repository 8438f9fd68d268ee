using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Telemetry;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Actors.Hosting;

/// <summary>Whether a program may go on from what a state directory holds. For the start, with the lock held.</summary>
internal static class StateCheck
{
    /// <summary>Requires that it may.</summary>
    /// <returns>How the experiment's runs stand by their own journals.</returns>
    /// <exception cref="StateDirectoryException">
    /// A row of the journal cannot be read or was written by others, rows are missing, snapshots or telemetry have runs that
    /// the journal does not know, or what unfinished runs would go on from is out of reach.
    /// </exception>
    public static IReadOnlyDictionary<string, RunStatus> Require(StateDirectory directory, ExperimentSpecification experiment)
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

        return known.ToDictionary(run => run.Key, run => run.Value.Status);
    }

    private static JournalAccount Read(string path)
    {
        try
        {
            return JournalAccount.Read(path);
        }
        catch (SqliteException error)
        {
            throw new StateDirectoryException($"{path} cannot be read: {error.Message}", error);
        }
    }
}
