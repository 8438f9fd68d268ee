using CurvatureActors.Actors.Hosting;

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

        Assert.Equal(before with { Control = new Uri("http://127.0.0.1:4711/") }, StateDirectoryLock.HolderOf(Directory));
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
}
