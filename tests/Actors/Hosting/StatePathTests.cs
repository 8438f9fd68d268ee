using System.Text;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Actors.Runs;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace CurvatureActors.Actors.Tests.Hosting;

/// <summary>Every path that the file system allows holds state, or is refused before anything is written.</summary>
[Collection(SnapshotMemory.Name)]
public sealed class StatePathTests : IDisposable
{
    private const string Text =
        """
        curvature {
          data { name = synthetic, dimension = 2, train-examples = 16, test-examples = 4 }
          model.kind = quadratic
          training { loss = output, steps = 2, batch-size = 4 }
          probe.enabled = off
        }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("lr=0.1,momentum=0.9")]
    [InlineData("a;Mode=Memory;Data Source=x")]
    [InlineData("double \"quotes\"")]
    [InlineData("both '\"")]
    [InlineData("back\\slash\\")]
    [InlineData("# % ? & ${x} `y` $(z) {a} [b]")]
    [InlineData("?mode=memory&cache=shared")]
    [InlineData("new\nline\rand\ttab")]
    [InlineData("ünï €\U0001F600")]
    [InlineData(" spaces ")]
    [InlineData("file:")]
    [InlineData("|DataDirectory|")]
    [InlineData(":memory:")]
    [InlineData("\u0001\u007F\u00A0")]
    public async Task Given_any_name_then_the_databases_are_in_that_folder_and_nowhere_else(string name)
    {
        var directory = new StateDirectory(_folder[name]);
        ExperimentSpecification experiment = ExperimentLoader.LoadText(Text, "tiny", []);

        await RunAsync(directory, experiment);

        Assert.Equal([_folder[name]], Directory.GetFileSystemEntries(_folder.Path));
        Assert.Equal("SQLite format 3\0", Encoding.ASCII.GetString(File.ReadAllBytes(Path.Combine(_folder[name], "journal.db")).AsSpan(0, 16)));
        using var reader = new StateReader(directory);
        RunView run = Assert.Single(Assert.Single(reader.Experiments()).Runs);
        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Equal(2, reader.Steps(run.Run).Count);
    }

    [Theory]
    [InlineData(491)]
    [InlineData(492)]
    [InlineData(3000)]
    public void Given_a_long_path_then_it_works_or_is_refused_before_anything_is_written(int bytes)
    {
        var directory = new StateDirectory(Long(bytes));
        Assert.Equal(bytes, Encoding.UTF8.GetByteCount(directory.Path));
        if (bytes <= 491)
        {
            using (StateDirectoryLock.Acquire(directory))
            {
                StateDatabases.Prepare(directory, TimeSpan.FromSeconds(1));
                StateDatabases.Try(directory);
            }

            Assert.True(File.Exists(directory.Telemetry));
            Assert.False(File.Exists(Path.Combine(directory.Path, "doctor.db")));
        }
        else
        {
            string message = Assert.Throws<ConfigurationException>(() => StateDirectoryLock.Acquire(directory)).Message;
            Assert.Contains($"a path of {bytes} bytes", message, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        }
    }

    [Fact]
    public void Given_a_short_link_to_a_long_path_then_what_counts_is_where_it_leads()
    {
        string target = Long(600);
        Directory.CreateDirectory(target);
        File.CreateSymbolicLink(_folder["link"], target);

        string message = Assert.Throws<ConfigurationException>(
            () => StateDirectoryLock.Acquire(new StateDirectory(Path.Combine(_folder["link"], "below")))).Message;

        Assert.Contains("a path of 606 bytes, links resolved", message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(target));
    }

    [Fact]
    public void Given_a_link_that_leads_to_itself_then_that_is_one_sentence()
    {
        File.CreateSymbolicLink(_folder["loop"], _folder["loop"]);
        Assert.Throws<StateDirectoryException>(() => StateDirectoryLock.Acquire(new StateDirectory(Path.Combine(_folder["loop"], "x"))));
    }

    [Fact]
    public void Given_bytes_that_are_not_UTF8_then_it_is_refused() => Assert.Contains(
        "bytes that are not UTF-8",
        Assert.Throws<ConfigurationException>(() => StateDirectoryLock.Acquire(new StateDirectory(_folder["a\uFFFDb"]))).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task Given_a_journal_that_cannot_be_had_then_an_interrupt_is_heard_all_the_same()
    {
        var directory = new StateDirectory(_folder["held"]);
        ExperimentSpecification experiment = ExperimentLoader.LoadText(Text, "tiny", []);
        using StateDirectoryLock held = StateDirectoryLock.Acquire(directory);
        using var other = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = directory.Journal, Pooling = false }.ConnectionString);

        // Between the check of the databases and the start of the actors.
        void Hold(ILoggingBuilder logging)
        {
            other.Open();
            using SqliteCommand command = other.CreateCommand();
            command.CommandText = "BEGIN EXCLUSIVE";
            command.ExecuteNonQuery();
        }

        ExperimentRunner runner = await ExperimentRunner.StartAsync(directory, experiment, ["cpu"], Hold);
        await using (runner.ConfigureAwait(false))
        {
            Task<ExperimentOutcome> outcome = runner.RunAsync();
            runner.Interrupt();

            Assert.True((await outcome.WaitAsync(TestContext.Current.CancellationToken)).Interrupted);
            other.Close();
        }
    }

    private static async Task RunAsync(StateDirectory directory, ExperimentSpecification experiment)
    {
        using StateDirectoryLock held = StateDirectoryLock.Acquire(directory);
        await using ExperimentRunner runner = await ExperimentRunner.StartAsync(directory, experiment, ["cpu"]);
        Assert.False((await runner.RunAsync()).Interrupted);
    }

    private string Long(int bytes)
    {
        StringBuilder path = new(_folder.Path);
        while (path.Length < bytes)
        {
            int length = Math.Min(200, bytes - path.Length - 1);
            path.Append('/').Append('x', length == bytes - path.Length - 2 ? length - 1 : length);
        }

        return path.ToString();
    }
}
