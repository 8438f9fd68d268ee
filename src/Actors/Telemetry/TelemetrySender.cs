using Akka.Actor;

namespace CurvatureActors.Actors.Telemetry;

/// <summary>
/// What one trainer has to say to the telemetry writer, which may be in another process: a connection between the two can
/// break and lose messages without either of them ending. So each question whether everything is stored says how many rows
/// that is, and is asked again until it is answered.
/// </summary>
/// <param name="writer">The <see cref="TelemetryWriter"/>.</param>
internal sealed class TelemetrySender(IActorRef writer)
{
    /// <summary>
    /// Rows that may be on their way or held back by a writer that cannot write: some tens of megabytes. A trainer waits
    /// then, long before the writer itself gives up.
    /// </summary>
    public const int MostBacklog = 100_000;

    private readonly SortedDictionary<long, TelemetryWriter.Flush> _open = [];
    private long _rows;
    private long _stored;
    private long _lastToken;

    /// <summary>Whether so much is held back that nothing more should be made before some of it is stored.</summary>
    public bool Full => _rows - _stored >= MostBacklog;

    /// <summary>Rows to store. Where many are not known to be stored, it asks.</summary>
    public void Record(IReadOnlyList<ITelemetryRow> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        _rows += rows.Count;
        writer.Tell(new TelemetryWriter.Record(rows));
        if (_rows - _stored >= MostBacklog / 2 && _open.Count == 0)
        {
            AskForFlush();
        }
    }

    /// <summary>Asks to be told when all rows so far are stored.</summary>
    /// <returns>The token of the answer.</returns>
    public long AskForFlush()
    {
        var flush = new TelemetryWriter.Flush(++_lastToken) { Rows = _rows };
        _open.Add(flush.Token, flush);
        writer.Tell(flush);
        return flush.Token;
    }

    /// <summary>An answer has come.</summary>
    public void Answered(long token)
    {
        if (_open.Remove(token, out TelemetryWriter.Flush? flush))
        {
            _stored = Math.Max(_stored, flush.Rows);
        }
    }

    /// <summary>Asks again what has not been answered: question or answer may be lost.</summary>
    public void AskAgain()
    {
        foreach (TelemetryWriter.Flush flush in _open.Values)
        {
            writer.Tell(flush);
        }
    }
}
