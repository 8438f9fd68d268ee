using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Telemetry;

namespace CurvatureActors.Actors.Runs;

/// <summary>Holds what a run's journal promises of telemetry against what is there.</summary>
internal static class StoredRows
{
    /// <summary>What is missing; empty when nothing is.</summary>
    /// <param name="run">The run.</param>
    /// <param name="state">How it stands by its journal.</param>
    /// <param name="telemetry">The telemetry; null when there is none.</param>
    /// <exception cref="Hosting.StateDirectoryException">The telemetry cannot be read.</exception>
    public static IReadOnlyList<MissingRows> Missing(string run, RunState state, TelemetryDatabase? telemetry) =>
    [
        .. state.Attempts.Where(attempt => attempt.StoredTo > attempt.FromStep).Select(attempt => telemetry is null
            ? new MissingRows("steps", attempt.Attempt, attempt.FromStep, attempt.StoredTo - 1, attempt.StoredTo - attempt.FromStep)
            : telemetry.Missing(run, attempt.Attempt, attempt.FromStep, attempt.StoredTo)).OfType<MissingRows>(),
        .. Evaluations(run, state, telemetry),
    ];

    /// <summary>
    /// The snapshots whose evaluation the journal tells, which telemetry had before. Where an attempt is trained again from
    /// before its start, the evaluation is the one before's.
    /// </summary>
    public static IEnumerable<SnapshotCommitted> Evaluated(RunState state) => state.Snapshots.Where(snapshot =>
        snapshot.Accuracy is not null
        && state.Attempts.Exists(attempt => attempt.Attempt == snapshot.Attempt && attempt.FromStep <= snapshot.Step));

    private static IEnumerable<MissingRows> Evaluations(string run, RunState state, TelemetryDatabase? telemetry)
    {
        HashSet<(int, int)> present = [.. telemetry?.Evaluations(run).Select(row => (row.Attempt, row.Step)) ?? []];
        return Evaluated(state)
            .Where(snapshot => !present.Contains((snapshot.Attempt, snapshot.Step)))
            .GroupBy(snapshot => snapshot.Attempt, snapshot => snapshot.Step)
            .Select(steps => new MissingRows("evaluations", steps.Key, steps.Min(), steps.Max(), steps.Count()));
    }
}
