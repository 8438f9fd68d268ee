using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Telemetry;

namespace CurvatureActors.Actors.Runs;

/// <summary>Holds what a run's journal promises of telemetry against what is there.</summary>
internal static class StoredRows
{
    /// <summary>What is missing; empty when nothing is.</summary>
    /// <param name="run">The run.</param>
    /// <param name="attempts">Its attempts by its journal.</param>
    /// <param name="telemetry">The telemetry; null when there is none.</param>
    /// <exception cref="Hosting.StateDirectoryException">The telemetry cannot be read.</exception>
    public static IReadOnlyList<MissingRows> Missing(
        string run, IEnumerable<AttemptState> attempts, TelemetryDatabase? telemetry) =>
    [
        .. attempts
            .Where(attempt => attempt.StoredTo > attempt.FromStep)
            .Select(attempt => telemetry is null
                ? new MissingRows(attempt.Attempt, attempt.FromStep, attempt.StoredTo - 1, attempt.StoredTo - attempt.FromStep)
                : telemetry.Missing(run, attempt.Attempt, attempt.FromStep, attempt.StoredTo))
            .OfType<MissingRows>(),
    ];
}
