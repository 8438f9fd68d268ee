using CurvatureActors.Actors.Telemetry;

namespace CurvatureActors.Cli.Reports;

/// <summary>
/// A series of a run with its restarts taken apart: the history that counts, and what each attempt trained in vain.
/// </summary>
/// <param name="Rows">Of each step the last attempt, in order of step.</param>
/// <param name="Abandoned">The rows of earlier attempts that a rollback discarded, one tail per attempt.</param>
internal sealed record EffectiveCurve<T>(IReadOnlyList<T> Rows, IReadOnlyList<AbandonedTail<T>> Abandoned)
    where T : ITelemetryRow;

/// <summary>What an attempt trained past the step that a later one started from.</summary>
/// <param name="Attempt">The attempt.</param>
/// <param name="Rows">Its discarded rows in order of step.</param>
internal sealed record AbandonedTail<T>(int Attempt, IReadOnlyList<T> Rows)
    where T : ITelemetryRow;

/// <summary>Takes the rows of a run apart.</summary>
internal static class EffectiveCurve
{
    /// <param name="rows">All rows of a run.</param>
    /// <param name="starts">
    /// Step that each attempt starts from, as the journal says; an attempt that is not in it starts at its first row.
    /// A later attempt discards everything from its start on, also where it has not come so far itself.
    /// </param>
    public static EffectiveCurve<T> Build<T>(IEnumerable<T> rows, IReadOnlyDictionary<int, int> starts)
        where T : ITelemetryRow
    {
        List<(int Attempt, List<T> Rows)> attempts =
        [
            .. rows.GroupBy(row => row.Attempt)
                .Select(group => (group.Key, group.OrderBy(row => row.Step).ToList()))
                .OrderBy(attempt => attempt.Key),
        ];
        Dictionary<int, int> from = attempts.ToDictionary(attempt => attempt.Attempt, attempt => attempt.Rows[0].Step);
        foreach ((int attempt, int step) in starts)
        {
            from[attempt] = step;
        }

        var kept = new List<T>();
        var abandoned = new List<AbandonedTail<T>>();
        foreach ((int attempt, List<T> mine) in attempts)
        {
            int end = from.Where(other => other.Key > attempt).Select(other => other.Value).DefaultIfEmpty(int.MaxValue).Min();
            kept.AddRange(mine.Where(row => row.Step < end));
            List<T> tail = mine.FindAll(row => row.Step >= end);
            if (tail.Count > 0)
            {
                abandoned.Add(new AbandonedTail<T>(attempt, tail));
            }
        }

        return new EffectiveCurve<T>([.. kept.OrderBy(row => row.Step)], abandoned);
    }
}
