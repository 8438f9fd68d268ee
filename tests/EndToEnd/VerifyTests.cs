using System.Text.Json;
using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary><c>doctor --verify</c> and <c>report</c> find values that were changed after a run's end.</summary>
[Collection(ReferenceDefinition.Name)]
public sealed class VerifyTests(Reference reference)
{
    [Theory]
    [InlineData("telemetry.db", "UPDATE steps SET loss = loss * 1.0000001 WHERE step = 7", "table steps")]
    [InlineData("telemetry.db", "UPDATE measurements SET residual = residual + 1e-9 WHERE step = 0", "table measurements")]
    [InlineData("telemetry.db", "DELETE FROM steps WHERE step = 3 AND attempt = 1", "table steps")]
    [InlineData("telemetry.db", "DELETE FROM evaluations", "table evaluations")]
    [InlineData("telemetry.db", "UPDATE evaluations SET accuracy = 0.99 WHERE step = 80", "table evaluations")]
    [InlineData("journal.db", """UPDATE journal SET message = CAST(replace(CAST(message AS TEXT), '"accuracy":0.', '"accuracy":0.9') AS BLOB) WHERE manifest = 'run-completed/1'""", "journal.db")]
    [InlineData("journal.db", """UPDATE journal SET message = CAST(replace(CAST(message AS TEXT), '"parametersSha256":"', '"parametersSha256":"0') AS BLOB) WHERE manifest = 'run-completed/1'""", "parameters")]
    [InlineData("journal.db", """UPDATE journal SET message = CAST(replace(CAST(message AS TEXT), '"state":"completed"', '"state":"failed"') AS BLOB) WHERE manifest = 'run-concluded/1'""", "ended failed by the experiment's journal")]
    [InlineData("journal.db", """UPDATE journal SET message = CAST(replace(CAST(message AS TEXT), '"seed":', '"seed":1') AS BLOB) WHERE manifest = 'experiment-accepted/1'""", "identity")]
    [InlineData("journal.db", "DELETE FROM journal WHERE manifest = 'run-completed/1'", "but its own has no end")]
    [InlineData("journal.db", "DELETE FROM journal WHERE manifest = 'run-concluded/1' AND sequence_number = (SELECT max(sequence_number) FROM journal WHERE manifest = 'run-concluded/1')", "neither its end nor a digest of what it left")]
    [InlineData("journal.db", "DELETE FROM journal WHERE manifest = 'run-concluded/1'", "rows that were written after it are gone")]
    [InlineData("journal.db", """UPDATE journal SET message = CAST(replace(CAST(message AS TEXT), '"learning-rate=0.2"', '"learning-rate=0.1"') AS BLOB) WHERE manifest = 'experiment-accepted/1'""", "is called \"learning-rate=0.1\"")]
    [InlineData("journal.db", """UPDATE journal SET message = CAST(replace(replace(CAST(message AS TEXT), 'dropout=0.1', 'dropout=0.2'), '"model.dropout":"0.1"', '"model.dropout":"0.2"') AS BLOB) WHERE manifest = 'experiment-accepted/1'""", "model.dropout = 0.2 among its varied keys")]
    public async Task Given_a_value_that_was_changed_then_it_is_said_what_does_not_fit(string file, string change, string named)
    {
        using var state = new StateCopy(reference.State);
        Assert.True(state.Execute(file, change) > 0);
        await DoesNotFitAsync(state, named);
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("flip")]
    public async Task Given_a_snapshot_that_is_gone_or_damaged_then_it_is_said(string damage)
    {
        using var state = new StateCopy(reference.State);
        string snapshot = Directory.GetFiles(state["snapshots"], "*-80.snapshot", SearchOption.AllDirectories)[0];
        byte[] bytes = await File.ReadAllBytesAsync(snapshot, TestContext.Current.CancellationToken);
        bytes[^20] ^= 4;
        File.Delete(snapshot);
        if (damage == "flip")
        {
            await File.WriteAllBytesAsync(snapshot, bytes, TestContext.Current.CancellationToken);
        }

        await DoesNotFitAsync(state, Path.GetFileName(snapshot));
    }

    [Fact]
    public async Task Given_telemetry_that_is_gone_then_it_is_said()
    {
        using var state = new StateCopy(reference.State);
        File.Delete(state["telemetry.db"]);
        await DoesNotFitAsync(state, "telemetry.db is not there");
    }

    [Fact]
    public async Task Given_a_directory_as_it_was_left_then_everything_fits_and_without_digests_it_is_said_to_be_not_covered()
    {
        using var state = new StateCopy(reference.State);
        JsonElement[] findings = await VerifyAsync(state, 0);
        Assert.Contains(findings, finding => Says(finding, "4 runs and"));
        Assert.DoesNotContain(findings, finding => Says(finding, "digest"));

        // As an earlier version wrote it.
        Assert.Equal(4, state.Execute(
            "journal.db",
            "UPDATE journal SET message = CAST(json_remove(CAST(message AS TEXT), '$.seal') AS BLOB) WHERE manifest = 'run-concluded/1'"));
        Assert.Contains(await VerifyAsync(state, 0), finding => Says(finding, "4 ended runs have no digest"));
    }

    /// <summary>A program that was killed between a run's end and the experiment's word of it leaves the same, without a trace of more.</summary>
    [Fact]
    public async Task Given_an_end_that_is_not_taken_down_yet_then_resume_takes_its_digest_and_trains_nothing()
    {
        using var state = new StateCopy(reference.State);
        Assert.True(state.Execute(
            "journal.db",
            "DELETE FROM journal WHERE ordering = (SELECT max(ordering) FROM journal); UPDATE sqlite_sequence SET seq = seq - 1 WHERE name = 'journal'") > 0);
        Assert.Contains(await VerifyAsync(state, 0), finding => Says(finding, "1 ended runs have no digest"));
        long claims = State.Count(state.Path, "run-claimed/1");

        ProgramResult result = await RunningProgram.RunAsync("resume", "--plain", "--state", state.Path);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal((claims, 4), (State.Count(state.Path, "run-claimed/1"), State.Count(state.Path, "run-concluded/1")));
        Assert.DoesNotContain(await VerifyAsync(state, 0), finding => Says(finding, "digest"));
        Assert.Equal("Nothing to resume: every run has ended.", (await RunningProgram.RunAsync("resume", "--state", state.Path)).Output);
    }

    private static async Task DoesNotFitAsync(StateCopy state, string named)
    {
        JsonElement[] findings = await VerifyAsync(state, 3);
        Assert.Contains(findings, finding => !finding.GetProperty("ok").GetBoolean() && Says(finding, named));

        ProgramResult report = await RunningProgram.RunAsync("report", "--state", state.Path, "--out", state["out"]);
        Assert.Equal(4, report.ExitCode);
        Assert.Single(report.Error.Trim().Split('\n'));
        Assert.Contains("What does not fit", await File.ReadAllTextAsync(Path.Combine(state["out"], "report.html")), StringComparison.Ordinal);
    }

    private static async Task<JsonElement[]> VerifyAsync(StateCopy state, int exitCode)
    {
        ProgramResult result = await RunningProgram.RunAsync("doctor", "--verify", "--json", "--state", state.Path);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Error));
        return [.. JsonDocument.Parse(result.Output).RootElement.EnumerateArray()];
    }

    private static bool Says(JsonElement finding, string text) =>
        finding.GetProperty("found").GetString()!.Contains(text, StringComparison.Ordinal);
}
