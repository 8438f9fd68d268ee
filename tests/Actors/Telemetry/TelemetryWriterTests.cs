using Akka.Actor;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Actors.Tests.Hosting;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Actors.Tests.Telemetry;

public sealed class TelemetryWriterTests : NodeTest
{
    private static readonly TimeSpan Never = TimeSpan.FromDays(1);

    private readonly TemporaryFolder _folder = new();

    private string Path => _folder["telemetry.db"];

    protected override void AfterAll()
    {
        base.AfterAll();
        _folder.Dispose();
    }

    [Fact]
    public async Task Given_a_flush_then_it_is_answered_once_another_connection_sees_the_rows()
    {
        IActorRef writer = Sys.ActorOf(TelemetryWriter.Props(Path, Never, TimeSpan.Zero));
        for (int step = 0; step < 5; step++)
        {
            writer.Tell(new TelemetryWriter.Record([Rows.Step(2 * step), Rows.Step((2 * step) + 1)]));
            writer.Tell(new TelemetryWriter.Flush(step), TestActor);
            Assert.Equal(step, (await ExpectAsync<TelemetryWriter.Flushed>()).Token);

            using TelemetryDatabase reader = TelemetryDatabase.OpenReader(Path)!;
            Assert.Equal(Enumerable.Range(0, 2 * (step + 1)), reader.Steps("run").Select(row => row.Step));
        }

        writer.Tell(new TelemetryWriter.Flush(99), TestActor);
        Assert.Equal(99, (await ExpectAsync<TelemetryWriter.Flushed>()).Token);
    }

    [Fact]
    public async Task Given_rows_that_never_came_then_a_flush_says_so_until_they_do()
    {
        IActorRef writer = Sys.ActorOf(TelemetryWriter.Props(Path, Never, TimeSpan.Zero));
        writer.Tell(new TelemetryWriter.Record([Rows.Step(0), Rows.Step(1)]), TestActor);
        writer.Tell(new TelemetryWriter.Flush(1) { Rows = 5 }, TestActor);
        Assert.Equal(new TelemetryWriter.RowsLost(1, 3), await ExpectAsync<TelemetryWriter.RowsLost>());

        // Those of another are not taken for them.
        writer.Tell(new TelemetryWriter.Record([Rows.Step(2), Rows.Step(3), Rows.Step(4)]), CreateTestProbe());
        writer.Tell(new TelemetryWriter.Flush(2) { Rows = 5 }, TestActor);
        Assert.Equal(new TelemetryWriter.RowsLost(2, 3), await ExpectAsync<TelemetryWriter.RowsLost>());

        writer.Tell(new TelemetryWriter.Flush(3) { Rows = 2 }, TestActor);
        Assert.Equal(3, (await ExpectAsync<TelemetryWriter.Flushed>()).Token);
    }

    [Fact]
    public async Task Given_a_stop_then_what_was_gathered_is_written()
    {
        IActorRef writer = Sys.ActorOf(TelemetryWriter.Props(Path, Never, TimeSpan.Zero));
        writer.Tell(new TelemetryWriter.Record([Rows.Step(0), Rows.Step(1)]));
        await StopAsync(writer);
        using TelemetryDatabase reader = TelemetryDatabase.OpenReader(Path)!;
        Assert.Equal([0, 1], reader.Steps("run").Select(row => row.Step));
    }

    [Fact]
    public async Task Given_no_flush_then_the_timer_writes()
    {
        IActorRef writer = Sys.ActorOf(TelemetryWriter.Props(Path, TimeSpan.FromMilliseconds(20), TimeSpan.Zero));
        writer.Tell(new TelemetryWriter.Record([Rows.Step(0)]));
        await AwaitAssertAsync(
            () =>
            {
                using TelemetryDatabase reader = TelemetryDatabase.OpenReader(Path)!;
                Assert.Single(reader.Steps("run"));
            },
            Patience, TimeSpan.FromMilliseconds(20), Cancellation);
    }

    [Fact]
    public async Task Given_a_database_that_cannot_be_written_then_storage_has_failed_and_the_flush_stays_unanswered_until_it_can()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(StorageFailed));
        IActorRef writer = Sys.ActorOf(TelemetryWriter.Props(Path, TimeSpan.FromMilliseconds(20), TimeSpan.Zero));
        writer.Tell(new TelemetryWriter.Flush(0), TestActor);
        await ExpectAsync<TelemetryWriter.Flushed>();
        Execute("ALTER TABLE steps RENAME TO gone");

        writer.Tell(new TelemetryWriter.Record([Rows.Step(3)]));
        writer.Tell(new TelemetryWriter.Flush(1), TestActor);
        Assert.Contains(Path, (await ExpectAsync<StorageFailed>()).Message, StringComparison.Ordinal);

        Execute("ALTER TABLE gone RENAME TO steps");
        writer.Tell(new TelemetryWriter.Flush(2), TestActor);
        Assert.Equal(1, (await FlushedAsync()).Token);
        Assert.Equal(2, (await FlushedAsync()).Token);
        using TelemetryDatabase reader = TelemetryDatabase.OpenReader(Path)!;
        Assert.Equal(3, Assert.Single(reader.Steps("run")).Step);
    }

    /// <summary>The next answer to a flush, whatever is said of the failure meanwhile.</summary>
    private async Task<TelemetryWriter.Flushed> FlushedAsync() => (TelemetryWriter.Flushed)await FishForMessageAsync(
        message => message is TelemetryWriter.Flushed, Patience, cancellationToken: Cancellation);

    private void Execute(string sql)
    {
        using SqliteConnection connection = new($"Data Source={Path};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
