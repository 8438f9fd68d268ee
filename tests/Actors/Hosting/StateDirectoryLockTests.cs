using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.ReadModel;

namespace CurvatureActors.Actors.Tests.Hosting;

public sealed class StateDirectoryLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private StateDirectory Directory => new(_folder["state"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Given_a_held_directory_then_a_second_one_is_told_who_holds_it()
    {
        using StateDirectoryLock held = StateDirectoryLock.Acquire(Directory);
        string message = Assert.Throws<StateDirectoryException>(() => StateDirectoryLock.Acquire(Directory)).Message;
        Assert.Contains(_folder["state"], message, StringComparison.Ordinal);
        Assert.Contains($"process {Environment.ProcessId} on {Environment.MachineName}", message, StringComparison.Ordinal);
        Assert.Contains("--state", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("journal.db")]
    [InlineData("telemetry.db")]
    public void Given_a_database_that_was_there_and_is_not_any_more_then_it_is_named(string database)
    {
        using StateDirectoryLock held = StateDirectoryLock.Acquire(Directory);
        Assert.Null(held.Lost());
        foreach (string file in (string[])["journal.db", "telemetry.db"])
        {
            File.WriteAllText(Path.Combine(Directory.Path, file), "");
        }

        Assert.Null(held.Lost());
        File.Delete(Path.Combine(Directory.Path, database));

        Assert.StartsWith(
            $"{Path.Combine(Directory.Path, database)} was removed while the program was running", held.Lost(), StringComparison.Ordinal);
    }

    [Fact]
    public void Given_the_lock_then_the_holder_is_known_while_it_is_held_and_only_then()
    {
        Assert.Null(StateDirectoryLock.HolderOf(Directory));
        Assert.False(System.IO.Directory.Exists(_folder["state"]));
        for (int time = 0; time < 2; time++)
        {
            using (StateDirectoryLock.Acquire(Directory))
            {
                StateDirectoryHolder holder = StateDirectoryLock.HolderOf(Directory)!;
                Assert.Equal((Environment.ProcessId, Environment.MachineName), (holder.ProcessId, holder.Machine));
                Assert.Equal(Environment.CommandLine, holder.Command);
            }

            Assert.Null(StateDirectoryLock.HolderOf(Directory));
        }
    }

    [Fact]
    public void Given_an_address_to_control_the_holder_then_it_is_known_with_the_rest()
    {
        using StateDirectoryLock held = StateDirectoryLock.Acquire(Directory);
        StateDirectoryHolder before = StateDirectoryLock.HolderOf(Directory)!;
        Assert.Null(before.Address);

        held.Announce(new Uri("http://127.0.0.1:4711/"));

        Assert.Equal(before with { Address = new Uri("http://127.0.0.1:4711/") }, StateDirectoryLock.HolderOf(Directory));
    }

    [Fact]
    public void Given_a_token_then_lock_json_names_its_file_as_token()
    {
        using StateDirectoryLock held = StateDirectoryLock.Acquire(Directory);
        held.Announce(new Uri("http://127.0.0.1:4711/"), Directory.Token);

        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(_folder["state/lock.json"]));
        Assert.Equal(_folder["state/token"], json.RootElement.GetProperty("token").GetString());
        Assert.Equal(Directory.Token, StateDirectoryLock.HolderOf(Directory)!.Token);
    }

    [Fact]
    public void Given_readers_that_ask_all_the_time_then_the_holder_keeps_the_lock()
    {
        using StateDirectoryLock held = StateDirectoryLock.Acquire(Directory);
        for (int time = 0; time < 50; time++)
        {
            Assert.NotNull(StateDirectoryLock.HolderOf(Directory));
        }

        Assert.Throws<StateDirectoryException>(() => StateDirectoryLock.Acquire(Directory));
    }

    [Fact]
    public void Given_a_holder_that_has_not_written_its_name_then_the_directory_still_counts_as_held()
    {
        using StateDirectoryLock held = StateDirectoryLock.Acquire(Directory);
        File.WriteAllText(_folder["state/lock.json"], "{ \"Proc");
        Assert.NotNull(StateDirectoryLock.HolderOf(Directory));
        Assert.Throws<StateDirectoryException>(() => StateDirectoryLock.Acquire(Directory));
    }

    [Fact]
    public void Given_a_directory_that_cannot_be_made_then_the_reason_is_said()
    {
        File.WriteAllText(_folder["file"], "");
        var inside = new StateDirectory(_folder["file/state"]);
        Assert.Contains(
            "cannot be written",
            Assert.Throws<StateDirectoryException>(() => StateDirectoryLock.Acquire(inside)).Message,
            StringComparison.Ordinal);
    }

    /// <summary>The contract names the key; programs of the version before wrote another.</summary>
    [Fact]
    public void Given_an_address_then_lock_json_has_it_as_address_and_the_older_name_is_still_read()
    {
        string file = Path.Combine(Directory.Path, "lock.json");
        using StateDirectoryLock held = StateDirectoryLock.Acquire(Directory);
        held.Announce(new Uri("http://127.0.0.1:4711/"), Directory.Token);
        using (var written = System.Text.Json.JsonDocument.Parse(File.ReadAllText(file)))
        {
            Assert.Equal("http://127.0.0.1:4711/", written.RootElement.GetProperty("address").GetString());
            Assert.Equal(Directory.Token, written.RootElement.GetProperty("token").GetString());
            Assert.False(written.RootElement.TryGetProperty("Control", out _));
        }

        File.WriteAllText(
            file,
            """{"ProcessId":17,"Machine":"host","Since":"2026-01-02T03:04:05+00:00","Command":"curvature run","Control":"http://127.0.0.1:4712/","token":"/x"}""");
        StateDirectoryHolder older = StateDirectoryLock.HolderOf(Directory)!;
        Assert.Equal((17, "http://127.0.0.1:4712/", "/x"), (older.ProcessId, older.Address?.ToString(), older.Token));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{ half")]
    public void Given_a_lock_json_that_does_not_say_who_then_no_process_is_made_up(string? content)
    {
        using StateDirectoryLock held = StateDirectoryLock.Acquire(Directory);
        string file = Path.Combine(Directory.Path, "lock.json");
        File.Delete(file);
        if (content is not null)
        {
            File.WriteAllText(file, content);
        }

        string message = Assert.Throws<StateDirectoryException>(() => StateDirectoryLock.Acquire(Directory)).Message;

        Assert.Contains("in use by a program that lock.json in it does not name", message, StringComparison.Ordinal);
        Assert.DoesNotContain("process 0", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lock")]
    [InlineData("lock.json")]
    public void Given_a_pipe_in_the_place_of_a_file_then_nobody_waits_for_it(string file)
    {
        System.IO.Directory.CreateDirectory(Directory.Path);
        OddFiles.Pipe(Path.Combine(Directory.Path, file));

        foreach (Action ask in (Action[])[() => StateDirectoryLock.Acquire(Directory), () => StateDirectoryLock.HolderOf(Directory)])
        {
            string message = Assert.Throws<StateDirectoryException>(ask).Message;
            Assert.Contains($"{Path.Combine(Directory.Path, file)} is a pipe", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Given_a_path_that_is_not_UTF_8_then_who_looks_is_told_as_who_writes()
    {
        var odd = new StateDirectory(_folder["a\uFFFDb"]);

        string writing = Assert.Throws<ConfigurationException>(() => StateDirectoryLock.Acquire(odd)).Message;
        string looking = Assert.Throws<ConfigurationException>(() => new StateReader(odd)).Message;

        Assert.Contains("not UTF-8", writing, StringComparison.Ordinal);
        Assert.Equal(writing, looking);
    }
}
