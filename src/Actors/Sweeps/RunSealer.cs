using System.Diagnostics;
using Akka.Actor;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Telemetry;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Actors.Sweeps;

/// <summary>
/// Takes down what a finished run has left: has the telemetry writer store all of its rows and take no more of them, and
/// then reads rows and journal as they stand in the files.
/// </summary>
internal sealed class RunSealer : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly StateDirectory _directory;
    private readonly TimeSpan _patience;
    private readonly Dictionary<long, Work> _open = [];
    private long _lastToken;

    /// <param name="directory">Where journal and telemetry lie.</param>
    /// <param name="telemetry">The telemetry writer.</param>
    /// <param name="patience">How long a read that fails is tried again.</param>
    public RunSealer(StateDirectory directory, IActorRef telemetry, TimeSpan patience)
    {
        _directory = directory;
        _patience = patience;
        Receive<Seal>(seal =>
        {
            long token = ++_lastToken;
            _open[token] = new Work(seal.Run, Sender);
            telemetry.Tell(new TelemetryWriter.Close(seal.Run));
            telemetry.Tell(new TelemetryWriter.Flush(token));
        });
        Receive<TelemetryWriter.Flushed>(flushed => Read(flushed.Token));
        Receive<Retry>(retry => Read(retry.Token));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(StateDirectory directory, IActorRef telemetry, TimeSpan patience) => Akka.Actor.Props
        .Create(() => new RunSealer(directory, telemetry, patience))
        .WithDispatcher(Dispatchers.Storage);

    private void Read(long token)
    {
        if (!_open.TryGetValue(token, out Work? task))
        {
            return;
        }

        try
        {
            using TelemetryDatabase? telemetry = TelemetryDatabase.OpenReader(_directory.Telemetry);
            RowDigest journal = JournalDigest.Of(_directory.Journal, PersistenceIds.Run(task.Run));
            Answer(token, task, telemetry is null ? null : new RunSeal(journal, telemetry.Digests(task.Run))
            {
                Missing = StoredRows.Missing(task.Run, JournalAccount.OfRun(_directory.Journal, task.Run), telemetry) is { Count: > 0 } missing ? missing : null,
            });
        }
        catch (Exception error) when (error is SqliteException or StateDirectoryException)
        {
            task.FailingSince ??= Stopwatch.GetTimestamp();
            if (Stopwatch.GetElapsedTime(task.FailingSince.Value) >= _patience)
            {
                Context.System.EventStream.Publish(new StorageTrouble(
                    $"Run {task.Run} has ended, but what it left could not be read and is not covered by a digest: {error.Message}"));
                Answer(token, task, null);
            }
            else
            {
                var retry = new Retry(token);
                Timers.StartSingleTimer(retry, retry, RetryInterval < _patience ? RetryInterval : _patience);
            }
        }
    }

    private void Answer(long token, Work task, RunSeal? seal)
    {
        _open.Remove(token);
        task.Asker.Tell(new Sealed(task.Run, seal));
    }

    /// <summary>A run has ended. Answered by <see cref="Sealed"/>.</summary>
    public sealed record Seal(string Run) : INoSerializationVerificationNeeded;

    /// <summary>What it has left; null when that could not be read.</summary>
    public sealed record Sealed(string Run, RunSeal? Left) : INoSerializationVerificationNeeded;

    private sealed record Retry(long Token) : INoSerializationVerificationNeeded;

    private sealed class Work(string run, IActorRef asker)
    {
        public string Run { get; } = run;

        public IActorRef Asker { get; } = asker;

        public long? FailingSince { get; set; }
    }
}
