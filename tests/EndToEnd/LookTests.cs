using System.Text.Json;
using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary>The commands that only look.</summary>
[Collection(ReferenceDefinition.Name)]
public sealed class LookTests(Reference reference)
{
    [Fact]
    public async Task Given_a_file_then_plan_tells_what_is_to_do_and_what_is_done()
    {
        using var folder = new TemporaryFolder();

        JsonElement[] before = await PlanAsync(folder.Combine("state"));
        JsonElement[] after = await PlanAsync(reference.State);

        Assert.All(before, run => Assert.Equal("pending", run.GetProperty("state").GetString()));
        Assert.All(after, run => Assert.Equal("completed", run.GetProperty("state").GetString()));
        Assert.Equal(before.Select(run => run.GetProperty("run").GetString()), after.Select(run => run.GetProperty("run").GetString()));
        Assert.False(Directory.Exists(folder.Combine("state")));
    }

    [Fact]
    public async Task Given_a_run_then_show_has_its_attempts_remedies_and_measurements()
    {
        ProgramResult result = await RunningProgram.RunAsync(
            "show", SmallSweep.LowerRateRun, "--json", "--state", reference.State);

        Assert.Equal(0, result.ExitCode);
        JsonElement run = JsonDocument.Parse(result.Output).RootElement;
        JsonElement first = run.GetProperty("attempts").EnumerateArray().First();
        Assert.Equal("lower-rate", first.GetProperty("remedy").GetProperty("remedy").GetString());

        // The new rate is half of 3.8/lambda1, or 0.3 of the old one if that is less (reference.conf).
        double lambda1 = first.GetProperty("remedy").GetProperty("lambda1").GetDouble();
        double rate = first.GetProperty("remedy").GetProperty("plan").GetProperty("peakLearningRate").GetDouble();
        Assert.Equal(Math.Min(0.5 * 3.8 / lambda1, 0.3 * 0.3), rate, 1e-12);
        Assert.NotEmpty(run.GetProperty("measurements").EnumerateArray());
    }

    [Fact]
    public async Task Given_a_stored_snapshot_then_probe_agrees_with_what_was_measured_while_training()
    {
        JsonElement run = (await State.ListAsync(reference.State))[0];
        ProgramResult result = await RunningProgram.RunAsync(
            "probe", $"{run.GetProperty("run").GetString()}@80", "--top", "2", "--lambda-min", "--trace", "--layers", "--json", "--state", reference.State);

        Assert.Equal(0, result.ExitCode);
        JsonElement probe = JsonDocument.Parse(result.Output).RootElement;
        double lambda1 = run.GetProperty("lambda1").GetDouble();
        Assert.Equal(lambda1, probe.GetProperty("values")[0].GetDouble(), 3e-3 * lambda1);
        Assert.Equal(2, probe.GetProperty("values").GetArrayLength());
        Assert.Equal(1, probe.GetProperty("layers").EnumerateArray().Sum(layer => layer.GetProperty("share").GetDouble()), 1e-4);
        Assert.True(probe.GetProperty("lambdaMin").GetDouble() < lambda1);
        Assert.True(probe.GetProperty("trace").GetProperty("standardError").GetDouble() > 0);
    }

    [Fact]
    public async Task Given_a_finished_sweep_then_report_writes_a_page_that_tells_of_every_run()
    {
        using var folder = new TemporaryFolder();

        ProgramResult result = await RunningProgram.RunAsync("report", "--out", folder.Path, "--state", reference.State);

        Assert.Equal(0, result.ExitCode);
        string page = await File.ReadAllTextAsync(result.Output.Trim(), TestContext.Current.CancellationToken);
        Assert.All(reference.Outcomes.Keys, name => Assert.Contains(name, page, StringComparison.Ordinal));
        Assert.NotEmpty(Directory.EnumerateFiles(folder.Combine("figures"), "*.png"));
    }

    [Fact]
    public async Task Given_this_machine_then_doctor_finds_it_fit()
    {
        using var folder = new TemporaryFolder();

        ProgramResult result = await RunningProgram.RunAsync("doctor", "--json", "--state", folder.Combine("state"));

        Assert.Equal(0, result.ExitCode);
        Assert.All(JsonDocument.Parse(result.Output).RootElement.EnumerateArray(), finding => Assert.True(finding.GetProperty("ok").GetBoolean()));
        Assert.False(Directory.Exists(folder.Combine("state")));
    }

    private async Task<JsonElement[]> PlanAsync(string state)
    {
        ProgramResult result = await RunningProgram.RunAsync("plan", reference.File, "--json", "--state", state);
        Assert.Equal(0, result.ExitCode);
        return [.. JsonDocument.Parse(result.Output).RootElement.EnumerateArray()];
    }
}
