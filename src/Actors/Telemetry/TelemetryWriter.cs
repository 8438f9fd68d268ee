using Akka.Actor;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Wire;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Actors.Telemetry;

/// <summary>The one writer of a node's telemetry: gathers rows and writes them in batches.</summary>
internal sealed class TelemetryWriter : ReceiveActor, IWithTimers
{
    /// <summary>Rows that are gathered before they are written without waiting for the timer.</summary>
    private const int FullBatch = 4096;

    private readonly TelemetryDatabase _database;
    private readonly TimeSpan _interval;
    private readonly List<ITelemetryRow> _pending = [];

    public TelemetryWriter(string path, TimeSpan interval)
    {
        _database = TelemetryDatabase.OpenWriter(path);
        _interval = interval;
        Receive<Record>(record =>
        {
            _pending.AddRange(record.Rows);
            if (_pending.Count >= FullBatch)
            {
                Write();
            }
        });
        Receive<Flush>(flush =>
        {
            if (Write())
            {
                Sender.Tell(new Flushed(flush.Token));
            }
        });
        Receive<Tick>(_ => Write());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(string path, TimeSpan interval) =>
        Akka.Actor.Props.Create(() => new TelemetryWriter(path, interval)).WithDispatcher(Dispatchers.Storage);

    protected override void PreStart() => Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, _interval);

    protected override void PostStop()
    {
        Write();
        _database.Dispose();
    }

    private bool Write()
    {
        if (_pending.Count == 0)
        {
            return true;
        }

        try
        {
            _database.Write(_pending);
            _pending.Clear();
            return true;
        }
        catch (SqliteException error)
        {
            Context.System.EventStream.Publish(new StorageFailed($"Telemetry could not be written: {error.Message}"));
            return false;
        }
    }

    /// <summary>Rows to store.</summary>
    public sealed record Record(IReadOnlyList<ITelemetryRow> Rows) : IWireMessage;

    /// <summary>Store everything received so far and answer <see cref="Flushed"/>.</summary>
    public sealed record Flush(long Token) : IWireMessage;

    /// <summary>Everything received before the flush is stored.</summary>
    public sealed record Flushed(long Token) : IWireMessage;

    private sealed record Tick : INotInfluenceReceiveTimeout
    {
        public static Tick Instance { get; } = new();
    }
}
