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
    private readonly SortedDictionary<long, TelemetryWriter.Flush> _open = [];
    private long _rows;
    private long _lastToken;

    /// <summary>Rows to store.</summary>
    public void Record(IReadOnlyList<ITelemetryRow> rows)
    {
        if (rows.Count > 0)
        {
            _rows += rows.Count;
            writer.Tell(new TelemetryWriter.Record(rows));
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
    public void Answered(long token) => _open.Remove(token);

    /// <summary>Asks again what has not been answered: question or answer may be lost.</summary>
    public void AskAgain()
    {
        foreach (TelemetryWriter.Flush flush in _open.Values)
        {
            writer.Tell(flush);
        }
    }
}
