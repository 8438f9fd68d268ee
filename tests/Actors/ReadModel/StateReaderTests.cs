using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Actors.Tests.Hosting;
using CurvatureActors.Actors.Tests.Telemetry;
using CurvatureActors.Training.Specification;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.Actors.Tests.ReadModel;

/// <summary>On a journal written by hand.</summary>
public sealed class StateReaderTests : IDisposable
{
    private static readonly DateTimeOffset Time = DateTimeOffset.UnixEpoch;

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, long> _written = [];

    private StateDirectory State => new(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Given_a_running_run_then_it_is_running_while_somebody_holds_the_directory_and_pending_otherwise()
    {
        PlannedRun run = Plan("0123456789ab", "only");
        Accept("experiment", run);
        Write(PersistenceIds.Run(run.Run), new RunClaimed(1, "host", "cpu", Time));
        Write(PersistenceIds.Run(run.Run), new AttemptStarted(1, 0, TrainingPlan.Initial(run.Specification), Time));

        Assert.Equal(RunStatus.Pending, StatusOf("only"));
        using (StateDirectoryLock.Acquire(State))
        {
            Assert.Equal(RunStatus.Running, StatusOf("only"));
        }

        Assert.Equal(RunStatus.Pending, StatusOf("only"));
        using var reader = new StateReader(State);
        Assert.Equal(RunStatus.Running, reader.Find("only")!.State.Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Given_a_run_that_is_paused_or_ended_then_nobody_needs_to_hold_it(bool paused)
    {
        PlannedRun run = Plan("0123456789ab", "only");
        Accept("experiment", run);
        Write(PersistenceIds.Run(run.Run), new RunClaimed(1, "host", "cpu", Time));
        Write(PersistenceIds.Run(run.Run), paused ? new RunPaused(3, Time) : new RunFailed("broken", Time));
        Assert.Equal(paused ? RunStatus.Paused : RunStatus.Failed, StatusOf("only"));
    }

    [Fact]
    public void Given_runs_then_they_are_found_by_identity_name_and_unique_prefix()
    {
        Accept(
            "experiment",
            Plan("aaaa11111111", "seed=1"), Plan("aaaa22222222", "seed=2"), Plan("bbbb33333333", "seed=3"));
        using var reader = new StateReader(State);
        Assert.Equal("seed=2", reader.Find("aaaa22222222")?.Name);
        Assert.Equal("aaaa11111111", reader.Find("seed=1")?.Run);
        Assert.Equal("bbbb33333333", reader.Find("b")?.Run);
        Assert.Equal("aaaa22222222", reader.Find("aaaa2")?.Run);
        Assert.Null(reader.Find("aaaa"));
        Assert.Null(reader.Find(""));
        Assert.Null(reader.Find("cccc"));
        Assert.Null(reader.Find("seed"));
    }

    [Fact]
    public void Given_a_name_that_is_anothers_prefix_or_in_two_experiments_then_only_what_is_clear_is_found()
    {
        Accept("first", Plan("aaaa11111111", "same"), Plan("bbbb22222222", "aaaa"));
        Accept("second", Plan("cccc33333333", "same"), Plan("aaaa11111111", "other"));
        using var reader = new StateReader(State);
        Assert.Null(reader.Find("same"));
        Assert.Equal("bbbb22222222", reader.Find("aaaa")?.Run);
        Assert.Equal("first", reader.Find("aaaa11111111")?.Experiment);
        Assert.Equal("aaaa11111111", reader.Find("aaaa1")?.Run);
    }

    [Fact]
    public void Given_an_experiment_accepted_again_then_its_newest_form_counts_in_its_old_place()
    {
        Accept("first", Plan("aaaa11111111", "a"));
        Accept("second", Plan("bbbb22222222", "b"));
        Accept("first", Plan("cccc33333333", "c"));
        using var reader = new StateReader(State);
        Assert.Equal(["first", "second"], reader.Experiments().Select(experiment => experiment.Name));
        Assert.Equal(["cccc33333333"], reader.Experiments()[0].Runs.Select(run => run.Run));
        Assert.Equal(["first", "second"], reader.Accepted().Select(experiment => experiment.Name));
        Assert.Equal("c", Assert.Single(reader.Accepted()[0].Runs).Name);
    }

    [Fact]
    public void Given_no_directory_then_it_reads_as_empty_and_none_is_made()
    {
        var nowhere = new StateDirectory(_folder["nowhere"]);
        using var reader = new StateReader(nowhere);
        Assert.Empty(reader.Experiments());
        Assert.Empty(reader.Steps("run"));
        Assert.Empty(reader.Events("run"));
        Assert.Null(reader.Find("run"));
        Assert.False(Directory.Exists(nowhere.Path));
    }

    private static PlannedRun Plan(string run, string name) =>
        new(run, name, new Dictionary<string, string>(), SmallExperiment.Run());

    private RunStatus? StatusOf(string run)
    {
        using var reader = new StateReader(State);
        return reader.Find(run)?.Status;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Given_databases_that_a_full_disk_left_without_tables_then_they_read_as_empty_and_are_made(bool accepted)
    {
        ExperimentSpecification experiment = SmallExperiment.Load();
        BeginDatabase(State.Telemetry);
        if (accepted)
        {
            Accept(experiment.Name, [.. experiment.Runs]);
        }
        else
        {
            BeginDatabase(State.Journal);
        }

        using (var reader = new StateReader(State))
        {
            Assert.Equal(accepted ? 1 : 0, reader.Experiments().Count);
            Assert.Empty(reader.Faults);
            Assert.Empty(StateVerification.Of(reader).Problems);
        }

        StateCheck.Require(State, experiment);
        StateDatabases.Prepare(State, TimeSpan.FromSeconds(5));

        StateCheck.Require(State, experiment);
        using var telemetry = TelemetryDatabase.OpenWriter(State.Telemetry);
        telemetry.Write([Rows.Step(0)]);
        Assert.False(telemetry.HasNoTables);
        Assert.Single(telemetry.Steps("run"));
    }

    [Fact]
    public void Given_telemetry_without_tables_and_a_run_that_has_trained_then_it_is_refused_and_left_as_it_is()
    {
        ExperimentSpecification experiment = SmallExperiment.Load();
        PlannedRun run = experiment.Runs[0];
        Accept(experiment.Name, run);
        Write(PersistenceIds.Run(run.Run), new RunClaimed(1, "host", "cpu", Time));
        Write(PersistenceIds.Run(run.Run), new AttemptStarted(1, 0, TrainingPlan.Initial(run.Specification), Time));
        BeginDatabase(State.Telemetry);

        string message = Assert.Throws<StateDirectoryException>(() => StateCheck.Require(State, experiment)).Message;

        Assert.StartsWith($"{State.Telemetry} has lost its tables; put back a copy", message, StringComparison.Ordinal);
        using var reader = new StateReader(State);
        Assert.Single(reader.Experiments());
        Assert.Equal([message], reader.Faults);
        Assert.Equal(4096, new FileInfo(State.Telemetry).Length);
    }

    [Theory]
    [InlineData("journal.db")]
    [InlineData("telemetry.db")]
    public async Task Given_a_pipe_in_the_place_of_a_database_then_the_verification_does_not_wait_for_it(string file)
    {
        string path = Path.Combine(State.Path, file);
        OddFiles.Pipe(path);

        IReadOnlyList<string> problems = await Task.Run(() =>
        {
            using var reader = new StateReader(State);
            return StateVerification.Of(reader).Problems;
        }).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.StartsWith($"{path} is a pipe, no database; put back a copy", Assert.Single(problems), StringComparison.Ordinal);
    }

    /// <summary>What is left where the disk was full before the first table: a head and nothing else.</summary>
    private static void BeginDatabase(string path)
    {
        using SqliteConnection connection = new($"Data Source={path};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL";
        command.ExecuteNonQuery();
        Assert.Equal(4096, new FileInfo(path).Length);
    }

    private void Accept(string name, params PlannedRun[] runs) => Write(
        PersistenceIds.Experiment(name),
        new ExperimentAccepted(SmallExperiment.Load() with { Name = name, Runs = runs }, Time));

    private void Write(string persistenceId, IJournalEvent journalEvent)
    {
        using SqliteConnection connection = new($"Data Source={State.Journal};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText =
            """
            CREATE TABLE IF NOT EXISTS journal (ordering INTEGER PRIMARY KEY, persistence_id TEXT,
                sequence_number INTEGER, identifier INTEGER, manifest TEXT, message BLOB);
            INSERT INTO journal VALUES (NULL, $id, $sequence, $serializer, $manifest, $message);
            """;
        command.Parameters.AddWithValue("$id", persistenceId);
        _written[persistenceId] = _written.GetValueOrDefault(persistenceId) + 1;
        command.Parameters.AddWithValue("$sequence", _written[persistenceId]);
        command.Parameters.AddWithValue("$serializer", JournalSerializer.SerializerIdentifier);
        command.Parameters.AddWithValue("$manifest", JournalManifests.Of(journalEvent));
        command.Parameters.AddWithValue("$message", JournalManifests.Encode(journalEvent));
        command.ExecuteNonQuery();
    }
}
