using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Telemetry;

namespace CurvatureActors.Actors.Hosting;

/// <summary>
/// What snapshots and telemetry know of runs. Neither has anything of a run that the journal does not know: where they
/// do, the journal is not the one that belongs to them, and to go on would train again what has been trained.
/// </summary>
internal sealed class StateWitnesses
{
    private readonly StateDirectory _directory;
    private readonly SortedSet<string> _snapshots;
    private readonly SortedSet<string> _telemetry;
    private readonly TelemetryDatabase? _database;

    private StateWitnesses(StateDirectory directory, IEnumerable<string> snapshots, TelemetryDatabase? telemetry)
    {
        _directory = directory;
        _snapshots = new SortedSet<string>(snapshots, StringComparer.Ordinal);
        _telemetry = new SortedSet<string>(telemetry?.Runs() ?? [], StringComparer.Ordinal);
        _database = telemetry;
    }

    /// <summary>Asks them. To be done before the journal is read: a running program adds to the journal first.</summary>
    /// <exception cref="StateDirectoryException">The telemetry cannot be read.</exception>
    public static StateWitnesses Of(StateDirectory directory, TelemetryDatabase? telemetry) => new(
        directory, new SnapshotFolder(directory.Snapshots).Runs(), telemetry);

    /// <summary>
    /// What is wrong, in one sentence; null when the journal knows all of their runs, and telemetry has tables if any run
    /// has trained.
    /// </summary>
    /// <exception cref="StateDirectoryException">The telemetry cannot be read.</exception>
    public string? Against(JournalAccount journal)
    {
        string[] unknown = [.. _snapshots.Union(_telemetry).Where(run => !journal.Knows(run)).Order(StringComparer.Ordinal)];
        if (unknown.Length == 0)
        {
            // Asked after the journal was read: the tables are made before any run begins.
            return journal.HasTrained && _database is { HasNoTables: true } ? TelemetryTables.Emptied(_directory.Telemetry) : null;
        }

        string[] where =
        [
            .. unknown.Any(_snapshots.Contains) ? [_directory.Snapshots] : Array.Empty<string>(),
            .. unknown.Any(_telemetry.Contains) ? [_directory.Telemetry] : Array.Empty<string>(),
        ];
        string runs = unknown.Length == 1 ? $"run {unknown[0]}" : $"{unknown.Length} runs (the first is {unknown[0]})";
        return $"{_directory.Journal} knows nothing of {runs} of which {string.Join(" and ", where)} "
            + $"{(where.Length == 1 ? "has" : "have")} records: it was copied without its journal.db-wal, or is another one; "
            + "put back the journal that belongs here, or choose another directory with --state.";
    }
}
