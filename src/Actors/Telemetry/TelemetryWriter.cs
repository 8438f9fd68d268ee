using System.Diagnostics;
using Akka.Actor;
using CurvatureActors.Actors.Databases;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Wire;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Actors.Telemetry;

/// <summary>The one writer of a node's telemetry: gathers rows and writes them in batches.</summary>
internal sealed class TelemetryWriter : ReceiveActor, IWithTimers
{
    /// <summary>Rows that are gathered before they are written without waiting for the timer.</summary>
    private const int FullBatch = 4096;

    /// <summary>Rows held back while they cannot be written; trainers stop waiting for more long before.</summary>
    private const int MostPending = 2_000_000;

    private readonly string _path;
    private readonly TelemetryDatabase _database;
    private readonly TimeSpan _interval;
    private readonly TimeSpan _patience;
    private readonly List<ITelemetryRow> _pending = [];
    private readonly HashSet<(IActorRef Asker, long Token)> _flushes = [];
    private readonly Dictionary<IActorRef, long> _received = [];
    private readonly HashSet<string> _closed = [];
    private long? _failingSince;

    public TelemetryWriter(string path, TimeSpan interval, TimeSpan patience)
    {
        _path = path;
        _database = TelemetryDatabase.OpenWriter(path);
        _interval = interval;
        _patience = patience;
        Receive<Record>(record =>
        {
            Count(record);
            _pending.AddRange(_closed.Count == 0 ? record.Rows : record.Rows.Where(row => !_closed.Contains(row.Run)));
            if (_pending.Count >= FullBatch && _failingSince is null)
            {
                Write();
            }
        });
        Receive<Close>(close => _closed.Add(close.Run));
        Receive<Flush>(OnFlush);
        Receive<Terminated>(ended => _received.Remove(ended.ActorRef));
        Receive<Tick>(_ => Write());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(string path, TimeSpan interval, TimeSpan patience) => Akka.Actor.Props
        .Create(() => new TelemetryWriter(path, interval, patience))
        .WithDispatcher(Dispatchers.Storage);

    protected override void PreStart() => Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, _interval);

    protected override void PostStop()
    {
        Write();
        _database.Dispose();
    }

    private void Count(Record record)
    {
        if (Sender.IsNobody())
        {
            return;
        }

        if (!_received.TryGetValue(Sender, out long before))
        {
            Context.Watch(Sender);
        }

        _received[Sender] = before + record.Rows.Count;
    }

    private void OnFlush(Flush flush)
    {
        if (_received.GetValueOrDefault(Sender) < flush.Rows)
        {
            Sender.Tell(new RowsLost(flush.Token, flush.Rows - _received.GetValueOrDefault(Sender)));
            return;
        }

        _flushes.Add((Sender, flush.Token));
        if (_failingSince is null)
        {
            Write();
        }
    }

    /// <summary>Writes what is pending; whoever waits for it is told only then.</summary>
    private void Write()
    {
        try
        {
            if (_pending.Count > 0)
            {
                _database.Write(_pending);
                _pending.Clear();
            }
        }
        catch (SqliteException error)
        {
            OnFailure(error);
            return;
        }

        foreach ((IActorRef asker, long token) in _flushes)
        {
            asker.Tell(new Flushed(token));
        }

        _flushes.Clear();
        if (_failingSince is not null)
        {
            _failingSince = null;
            Context.System.EventStream.Publish(new StorageTrouble("Telemetry is written again"));
        }
    }

    private void OnFailure(SqliteException error)
    {
        bool first = _failingSince is null;
        long since = _failingSince ??= Stopwatch.GetTimestamp();
        string what = $"The telemetry {_path} could not be written: {SqliteTrouble.Reason(_path, error)}";
        if (Stopwatch.GetElapsedTime(since) >= _patience || _pending.Count > MostPending)
        {
            Context.System.EventStream.Publish(new StorageFailed(what));
        }
        else if (first)
        {
            Context.System.EventStream.Publish(new StorageTrouble(
                $"{what.TrimEnd('.')}; training goes on while it is tried again for {_patience.TotalSeconds:f0} s"));
        }
    }

    /// <summary>Rows to store.</summary>
    public sealed record Record(IReadOnlyList<ITelemetryRow> Rows) : IWireMessage;

    /// <summary>Store everything received so far and answer <see cref="Flushed"/>, or <see cref="RowsLost"/>.</summary>
    public sealed record Flush(long Token) : IWireMessage
    {
        /// <summary>Rows that the asker has sent so far.</summary>
        public long Rows { get; init; }
    }

    /// <summary>The run has ended: rows of it that still come are of a trainer that was given up, and are passed over.</summary>
    public sealed record Close(string Run) : INoSerializationVerificationNeeded;

    /// <summary>Everything received before the flush is stored.</summary>
    public sealed record Flushed(long Token) : IWireMessage;

    /// <summary>So many rows that were sent before the flush have not come, and will not.</summary>
    public sealed record RowsLost(long Token, long Rows) : IWireMessage;

    private sealed record Tick : INotInfluenceReceiveTimeout
    {
        public static Tick Instance { get; } = new();
    }
}
