using System.Globalization;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Cli.Commands;
using CurvatureActors.Training.Snapshots;

namespace CurvatureActors.Cli;

/// <summary>Finds a snapshot by what a person types.</summary>
internal static class StoredSnapshot
{
    /// <summary>Opens a snapshot file, or RUN@STEP, or RUN for its newest.</summary>
    /// <exception cref="UsageException">There is no such snapshot; the message says what there is.</exception>
    public static SnapshotBuffer Open(StateDirectory directory, string text)
    {
        try
        {
            SnapshotBuffer snapshot = IsPath(text) ? SnapshotBuffer.Read(text) : OpenOfRun(directory, text);
            if (snapshot.Header.Phase is not { } phase)
            {
                return snapshot;
            }

            snapshot.Dispose();
            throw new UsageException(
                $"\"{text}\" is not initialised yet: its snapshot is of step {phase.Step} of {phase.Name}; "
                + "a snapshot of step 0 or later is expected.");
        }
        catch (SnapshotException error)
        {
            throw new UsageException(error.Message);
        }
        catch (OutOfMemoryException)
        {
            throw new UsageException($"\"{text}\" is larger than the memory of this machine.");
        }
    }

    /// <summary>A folder may have the name of a run; where it is written as a path a file was meant.</summary>
    private static bool IsPath(string text) =>
        File.Exists(text) || (text.Contains(Path.DirectorySeparatorChar) && Directory.Exists(text));

    private static SnapshotBuffer OpenOfRun(StateDirectory directory, string text)
    {
        int at = text.LastIndexOf('@');
        string name = at < 0 ? text : text[..at];
        int? step = null;
        if (at >= 0)
        {
            step = int.TryParse(text[(at + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                ? number
                : throw new UsageException($"\"{text[(at + 1)..]}\" in \"{text}\" is no step; a whole number is expected.");
        }

        using var reader = new StateReader(directory);
        RunView run = ShowCommand.Find(reader, name, directory);
        var folder = new SnapshotFolder(directory.Snapshots);
        SnapshotCommitted[] kept = [.. run.State.Snapshots.Where(snapshot => Path.Exists(folder.Locate(snapshot.File)))];
        SnapshotCommitted? chosen = step is null ? kept.LastOrDefault() : kept.FirstOrDefault(snapshot => snapshot.Step == step);
        return chosen is null
            ? throw StateFaults.Instead(reader, new UsageException(
                $"Run {run.Run} has no snapshot{(step is null ? "" : $" of step {step}")}; "
                + (kept.Length == 0 ? "none is kept." : $"kept are those of step {string.Join(", ", kept.Select(snapshot => snapshot.Step))}.")))
            : folder.Read(chosen.File, chosen.Sha256);
    }
}
