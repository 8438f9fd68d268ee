using Akka.Actor;
using Akka.Actor.Setup;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Tests.Runs;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Actors.Tests.Journal;

/// <summary>The reader knows the table of Akka.Persistence.Sql by heart; these tests are how we learn that it changed.</summary>
public sealed class JournalReaderTests : IDisposable
{
    private readonly StateDirectory _directory = new(Directory.CreateTempSubdirectory("journal-").FullName);

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_directory.Path, recursive: true);
    }

    [Fact]
    public async Task What_persistent_actors_wrote_is_read_without_an_actor_system()
    {
        IJournalEvent[] first = [.. GoldenPayloads.All.Select(golden => golden.Event)];
        IJournalEvent[] second = [new RunClaimed(1, "host", "cpu:0", Samples.At), new RunStopped(0, Samples.At)];

        using (ActorSystem system = ActorSystem.Create("journal", Setup()))
        {
            await EventLog.WriteAsync(system, "run-one", first);
            await EventLog.WriteAsync(system, "run-two", second);

            // A report is drawn while the program runs.
            Assert.Equal(first.Length + second.Length, JournalReader.Read(_directory.Journal).Entries.Count);
            await system.Terminate();
        }

        JournalContents contents = JournalReader.Read(_directory.Journal);
        IReadOnlyList<JournalEntry> read = contents.Entries;
        Assert.Empty(contents.Faults);

        Assert.Equal(
            [
                .. first.Select((_, index) => ("run-one", index + 1L)),
                .. second.Select((_, index) => ("run-two", index + 1L)),
            ],
            read.Select(row => (row.PersistenceId, row.Sequence)));
        Assert.Equivalent(first.Concat(second), read.Select(row => row.Event), strict: true);
        Assert.All(read, row => Assert.True(row.Sound));
        Assert.Equal(["run-one", "run-two"], contents.Ids.Order());
    }

    [Fact]
    public async Task What_one_life_wrote_the_next_recovers()
    {
        IJournalEvent[] written = [.. GoldenPayloads.All.Select(golden => golden.Event)];
        using (ActorSystem system = ActorSystem.Create("one", Setup()))
        {
            await EventLog.WriteAsync(system, "run-one", written);
            await system.Terminate();
        }

        using ActorSystem next = ActorSystem.Create("two", Setup());
        IReadOnlyList<IJournalEvent> recovered = await EventLog.ReadAsync(next, "run-one");
        await next.Terminate();

        Assert.Equivalent(written, recovered, strict: true);
    }

    [Fact]
    public void A_journal_that_is_not_there_or_has_no_table_yet_is_empty()
    {
        Assert.Empty(JournalReader.Read(_directory.Journal).Entries);

        using (var connection = new SqliteConnection($"Data Source={_directory.Journal};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = WAL; CREATE TABLE writable (x); DROP TABLE writable;";
            command.ExecuteNonQuery();
        }

        JournalContents contents = JournalReader.Read(_directory.Journal);
        Assert.Empty(contents.Entries);
        Assert.Empty(contents.Faults);
    }

    private ActorSystemSetup Setup() => BootstrapSetup.Create()
        .WithConfig(ExperimentRunner.AkkaConfiguration(Samples.Experiment(Samples.Run)))
        .And(ExperimentRunner.JournalSetup(_directory, Samples.Experiment(Samples.Run)));
}
