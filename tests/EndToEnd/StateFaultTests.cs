using System.Text.Json;
using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary>
/// State directories that were changed from outside. Every command says in one sentence what cannot be read; none trains
/// on, and none shows a stack trace.
/// </summary>
[Collection(ReferenceDefinition.Name)]
public sealed class StateFaultTests(Reference reference)
{
    private const string Row2 = "WHERE persistence_id = (SELECT min(persistence_id) FROM journal WHERE persistence_id LIKE 'run-%') AND sequence_number = 2";

    public static TheoryData<string, string> Damages => new()
    {
        { $"UPDATE journal SET manifest = 'attempt-started/9' {Row2}", "row 2 of run" },
        { $"UPDATE journal SET message = substr(message, 1, 40) {Row2}", "row 2 of run" },
        { $"DELETE FROM journal {Row2}", "row 2 of run" },
        { $"UPDATE journal SET ordering = 1000000 {Row2}", "row 2 of run" },
        { $$"""UPDATE journal SET identifier = 1, manifest = '', message = CAST('{"$type":"System.Timers.Timer, System"}' AS BLOB) {{Row2}}""", "another serializer" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Given_a_row_that_cannot_be_read_then_every_command_names_it_and_shows_the_others(string damage, string named)
    {
        using var state = new StateCopy(reference.State);
        Assert.Equal(1, state.Execute("journal.db", damage));
        byte[] before = await File.ReadAllBytesAsync(state["journal.db"], TestContext.Current.CancellationToken);

        ProgramResult list = await RunningProgram.RunAsync("list", "--json", "--state", state.Path);
        IsOneSentence(list, state["journal.db"], named);
        JsonElement[] runs = [.. JsonDocument.Parse(list.Output).RootElement.EnumerateArray()];
        Assert.Equal(4, runs.Length);
        JsonElement[] whole = [.. runs.Where(run => run.GetProperty("reason").ValueKind == JsonValueKind.Null)];
        Assert.Equal(3, whole.Length);
        Assert.All(whole, run => Assert.Equal(
            reference.Outcomes[run.GetProperty("name").GetString()!],
            $"{run.GetProperty("state")} {run.GetProperty("restarts")} {run.GetProperty("parametersSha256")}"));

        string sound = whole[0].GetProperty("run").GetString()!;
        string damaged = runs.Single(run => run.GetProperty("reason").ValueKind != JsonValueKind.Null).GetProperty("run").GetString()!;
        string[][] commands =
        [
            ["show", sound], ["show", damaged], ["events", sound], ["events", damaged], ["plan", reference.File], ["probe", sound],
            ["report", "--out", state["out"]], ["run", reference.File, "--plain"], ["resume", "--plain"],
        ];
        foreach (string[] command in commands)
        {
            ProgramResult result = await RunningProgram.RunAsync([.. command, "--state", state.Path]);
            IsOneSentence(result, state["journal.db"], named);
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(state["journal.db"], TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("journal.db", "text")]
    [InlineData("journal.db", "empty")]
    [InlineData("journal.db", "other")]
    [InlineData("journal.db", "gone")]
    [InlineData("telemetry.db", "text")]
    [InlineData("telemetry.db", "other")]
    public async Task Given_a_file_that_is_not_what_it_should_be_then_it_is_named(string file, string instead)
    {
        using var state = new StateCopy(reference.State);
        File.Delete(state[file]);
        switch (instead)
        {
            case "text":
                await File.WriteAllTextAsync(state[file], new string('x', 5000), TestContext.Current.CancellationToken);
                break;
            case "empty":
                await File.WriteAllBytesAsync(state[file], [], TestContext.Current.CancellationToken);
                break;
            case "other":
                state.Execute(file, "CREATE TABLE recipes (name)");
                break;
        }

        foreach (string[] command in (string[][])[["list"], ["plan", reference.File], ["report"], ["run", reference.File, "--plain"]])
        {
            IsOneSentence(await RunningProgram.RunAsync([.. command, "--state", state.Path]), state[file], "put back");
        }

        ProgramResult list = await RunningProgram.RunAsync("list", "--json", "--state", state.Path);
        Assert.Equal(file == "journal.db" ? 0 : 4, JsonDocument.Parse(list.Output).RootElement.GetArrayLength());
    }

    [Theory]
    [InlineData("journal.db", "DELETE FROM journal WHERE persistence_id LIKE 'experiment-%'", "none of an experiment that asked for it")]
    [InlineData("telemetry.db", "DROP TABLE steps", "has lost its table steps")]
    [InlineData("telemetry.db", "DROP TABLE densities", "has lost its table densities")]
    public async Task Given_rows_or_a_table_that_are_gone_then_every_command_says_so_and_nothing_is_made_again(string file, string damage, string named)
    {
        using var state = new StateCopy(reference.State);
        state.Execute(file, damage);
        byte[] before = await File.ReadAllBytesAsync(state[file], TestContext.Current.CancellationToken);

        foreach (string[] command in (string[][])
            [["list"], ["plan", reference.File], ["report", "--out", state["out"]], ["resume", "--plain"], ["run", reference.File, "--plain"]])
        {
            IsOneSentence(await RunningProgram.RunAsync([.. command, "--state", state.Path]), state[file], named, "put back");
        }

        Assert.Equal(3, (await RunningProgram.RunAsync("doctor", "--verify", "--state", state.Path)).ExitCode);
        Assert.Equal(before, await File.ReadAllBytesAsync(state[file], TestContext.Current.CancellationToken));
    }

    /// <summary>What a stopped run has trained is known: its committed snapshots say which rows there were.</summary>
    [Theory]
    [InlineData("DELETE FROM steps WHERE step BETWEEN 2 AND 4")]
    [InlineData("DELETE FROM evaluations WHERE step = 0")]
    [InlineData(null)]
    public async Task Given_rows_of_unfinished_runs_that_are_gone_then_it_is_said_goes_on_to_the_same_bits_and_stays_in_the_account(string? damage)
    {
        using var state = new TemporaryFolder();
        await using (RunningProgram program = RunningProgram.Start("run", reference.File, "--state", state.Path, "--plain"))
        {
            Assert.True(await program.WaitUntilAsync(() => State.Count(state.Path, "snapshot-committed/1") > 3));
            program.Kill();
            await program.WaitAsync();
        }

        Assert.Equal(0, (await RunningProgram.RunAsync("doctor", "--verify", "--state", state.Path)).ExitCode);
        if (damage is null)
        {
            foreach (string file in Directory.GetFiles(state.Path, "telemetry.db*"))
            {
                File.Delete(file);
            }
        }
        else
        {
            State.Execute(state.Path, "telemetry.db", damage);
        }

        ProgramResult before = await RunningProgram.RunAsync("doctor", "--verify", "--json", "--state", state.Path);
        Assert.Equal(3, before.ExitCode);
        Assert.Contains("which by", before.Output, StringComparison.Ordinal);

        ProgramResult run = await RunningProgram.RunAsync("run", reference.File, "--state", state.Path, "--plain");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Single(run.Output.Split('\n'), line => line.Contains("telemetry.db", StringComparison.Ordinal) && line.Contains("training goes on without these numbers", StringComparison.Ordinal));
        Assert.Equal(reference.Outcomes, await State.OutcomesAsync(state.Path));
        ProgramResult after = await RunningProgram.RunAsync("doctor", "--verify", "--json", "--state", state.Path);
        Assert.Equal(0, after.ExitCode);
        Assert.Contains("ended without", after.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunningProgram.RunAsync("report", "--state", state.Path, "--out", state.Combine("out"))).ExitCode);
        Assert.Contains("What is missing", await File.ReadAllTextAsync(Path.Combine(state.Combine("out"), "report.html"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("\"missing\":[{\"table\":\"", State.Text(state.Path, "run-concluded/1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Given_a_copy_of_databases_and_snapshots_then_it_is_whole_and_nothing_is_trained_again()
    {
        using var state = new StateCopy(reference.State);
        long claims = State.Count(state.Path, "run-claimed/1");
        Assert.Equal(reference.Outcomes, await State.OutcomesAsync(state.Path));
        Assert.Equal(reference.Steps, State.Steps(state.Path));

        ProgramResult result = await RunningProgram.RunAsync("run", reference.File, "--state", state.Path, "--plain");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal(claims, State.Count(state.Path, "run-claimed/1"));
    }

    [Fact]
    public async Task Given_an_end_that_is_gone_from_a_runs_journal_then_the_run_goes_on_to_the_same_bits()
    {
        using var state = new StateCopy(reference.State);
        Assert.Equal(4, state.Execute("journal.db", "DELETE FROM journal WHERE manifest = 'run-completed/1'"));

        ProgramResult result = await RunningProgram.RunAsync("run", reference.File, "--state", state.Path, "--plain");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal(4, State.Count(state.Path, "run-completed/1"));
        Assert.Equal(reference.Outcomes, await State.OutcomesAsync(state.Path));
        Assert.Equal(reference.Steps, State.Steps(state.Path));
        Assert.Equal(0, (await RunningProgram.RunAsync("doctor", "--verify", "--state", state.Path)).ExitCode);
    }

    private static void IsOneSentence(ProgramResult result, params string[] named)
    {
        Assert.Equal(4, result.ExitCode);
        string sentence = Assert.Single(result.Error.Trim().Split('\n'));
        Assert.All(named, name => Assert.Contains(name, sentence, StringComparison.Ordinal));
        Assert.DoesNotContain("Exception", sentence, StringComparison.Ordinal);
    }
}
