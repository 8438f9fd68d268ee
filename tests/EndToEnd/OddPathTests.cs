using CurvatureActors.EndToEnd.Tests.Harness;
using Microsoft.Data.Sqlite;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary>Folders with the names that sweep tools and people give them, and what stands in the way of a start.</summary>
public sealed class OddPathTests
{
    private const string Text =
        """
        curvature {
          data { name = synthetic, dimension = 2, train-examples = 16, test-examples = 4 }
          model.kind = quadratic
          training { loss = output, steps = 2, batch-size = 4 }
          probe { examples = 8, max-products = 4 }
        }
        """;

    [Theory]
    [InlineData("lr=0.1,momentum=0.9;\"x'\\y\nz ü$ {a} # %41 ?mode=memory", "1")]
    [InlineData("file:", null)]
    public async Task Given_an_odd_folder_then_every_command_finds_what_run_left_there(string name, string? workers)
    {
        using var folder = new TemporaryFolder();
        string state = folder.Combine(name);
        string file = folder.Write("tiny.conf", Text);

        string[] run = ["run", file, "--state", state, "--plain"];
        ProgramResult result = await RunningProgram.RunAsync(workers is null ? run : [.. run, "--workers", workers]);

        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("completed", Assert.Single(await State.ListAsync(state)).GetProperty("state").GetString());
        Assert.Equal(2, State.Steps(Path.Combine(Plain(folder, state), ".")).Count);
        Assert.Equal(0, (await RunningProgram.RunAsync("doctor", "--state", state)).ExitCode);
        Assert.Equal(0, (await RunningProgram.RunAsync("report", "--state", state)).ExitCode);
        Assert.Equal(0, (await RunningProgram.RunAsync("probe", "tiny", "--state", state)).ExitCode);
        Assert.Equal([name, "plain", "tiny.conf"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Given_a_path_that_SQLite_cannot_take_then_one_sentence_and_nothing_is_written()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("tiny.conf", Text);
        string state = Path.Combine(folder.Path, new string('a', 250), new string('b', 250));

        ProgramResult result = await RunningProgram.RunAsync("run", file, "--state", state);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("SQLite takes at most", Assert.Single(result.Error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.Equal([file], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Given_a_path_that_is_not_UTF_8_then_who_looks_is_told_what_run_says()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "bytes as names");
        using var folder = new TemporaryFolder();
        string file = folder.Write("tiny.conf", Text);
        List<string> sentences = [];
        foreach (string command in (string[])[$"run {file}", "list", "resume", $"plan {file}", "report", "pause all"])
        {
            await using RunningProgram program = RunningProgram.StartUnder(
                ["bash", "-c", $"exec \"$@\" --state $'{folder.Path}/a\\xff'", "bash"], command.Split(' '));
            ProgramResult result = await program.WaitAsync();
            Assert.Equal(2, result.ExitCode);
            sentences.Add(result.Error);
        }

        Assert.Contains("not UTF-8", Assert.Single(sentences.Distinct()), StringComparison.Ordinal);
        Assert.Equal([file], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Given_a_start_that_waits_for_a_locked_journal_then_the_first_SIGTERM_ends_it()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("tiny.conf", Text);
        string state = folder.Combine("state");
        Assert.Equal(0, (await RunningProgram.RunAsync("run", file, "--state", state, "--plain")).ExitCode);
        using var held = new SqliteConnection($"Data Source={Path.Combine(state, "journal.db")};Pooling=False");
        held.Open();
        using SqliteCommand command = held.CreateCommand();
        command.CommandText = "BEGIN EXCLUSIVE";
        command.ExecuteNonQuery();

        await using RunningProgram program = RunningProgram.Start(
            "run", file, "--state", state, "--set", "training.steps=3", "--extend", "--set", "runtime.storage-patience=3600");
        Assert.True(await program.WaitUntilAsync(() => Announces(state, program.Id)));
        using (var kill = System.Diagnostics.Process.Start("kill", ["-TERM", $"{program.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(130, (await program.WaitAsync()).ExitCode);
    }

    // lock.json names the program and the address at which it listens for control, which it does from its own signals on.
    private static bool Announces(string state, int process) =>
        File.ReadAllText(Path.Combine(state, "lock.json")) is var text
        && text.Contains($"\"ProcessId\":{process},", StringComparison.Ordinal)
        && text.Contains("http://127.0.0.1", StringComparison.Ordinal);

    // The harness reads telemetry.db through a connection string of its own: a link without odd characters leads there.
    private static string Plain(TemporaryFolder folder, string state)
    {
        File.CreateSymbolicLink(folder.Combine("plain"), state);
        return folder.Combine("plain");
    }
}
