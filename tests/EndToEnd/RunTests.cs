using System.Text.Json;
using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

[Collection(ReferenceDefinition.Name)]
public sealed class RunTests(Reference reference)
{
    private static readonly string[] ContractFields =
    [
        "run", "experiment", "name", "state", "attempt", "step", "steps", "loss", "accuracy", "lambda1", "lambda1Residual",
        "lambda1Step", "stabilityRatio", "learningRate", "restarts", "restartBudget", "node", "device", "parametersSha256",
        "parameters",
    ];

    [Fact]
    public async Task Given_a_sweep_then_every_run_completes_some_rescued_each_with_its_digest()
    {
        JsonElement[] runs = await State.ListAsync(reference.State);

        Assert.Equal(4, runs.Length);
        Assert.All(runs, run =>
        {
            Assert.All(ContractFields, field => Assert.True(run.TryGetProperty(field, out _), field));
            Assert.Equal("completed", run.GetProperty("state").GetString());
            Assert.Matches("^[0-9a-f]{64}$", run.GetProperty("parametersSha256").GetString());
            Assert.Equal(80, run.GetProperty("lambda1Step").GetInt32());
        });
        Assert.Contains(runs, run => run.GetProperty("restarts").GetInt32() >= 1);
    }

    [Fact]
    public async Task Given_a_finished_sweep_then_the_same_command_trains_nothing_and_writes_nothing()
    {
        long claims = State.Count(reference.State, "run-claimed/1");
        long accepted = State.Count(reference.State, "experiment-accepted/1");

        ProgramResult again = await RunningProgram.RunAsync("run", reference.File, "--state", reference.State, "--plain");

        Assert.Equal(0, again.ExitCode);
        Assert.Equal(claims, State.Count(reference.State, "run-claimed/1"));
        Assert.Equal(accepted, State.Count(reference.State, "experiment-accepted/1"));
        Assert.Equal(reference.Outcomes, await State.OutcomesAsync(reference.State));
        Assert.Equal(reference.Steps, State.Steps(reference.State));
    }

    [Fact]
    public async Task Given_probes_off_then_all_is_the_same_but_for_runs_whose_remedies_wanted_a_curvature()
    {
        using var folder = new TemporaryFolder();
        ProgramResult result = await RunningProgram.RunAsync(
            "run", reference.File, "--state", folder.Path, "--plain", "--set", "curvature.probe.enabled=false");

        Assert.Equal(0, result.ExitCode);
        JsonElement[] runs = await State.ListAsync(folder.Path);
        Dictionary<string, string> outcomes = await State.OutcomesAsync(folder.Path);
        foreach (JsonElement run in runs)
        {
            string name = run.GetProperty("name").GetString()!;
            bool wanted = run.GetProperty("remedyWantedCurvature").GetBoolean();
            Assert.Equal(run.GetProperty("restarts").GetInt32() > 0, wanted);
            Assert.Equal(JsonValueKind.Null, run.GetProperty("lambda1").ValueKind);
            Assert.True(wanted || outcomes[name] == reference.Outcomes[name], name);
        }

        Assert.Contains(runs, run => !run.GetProperty("remedyWantedCurvature").GetBoolean());

        Assert.Contains(
            result.Output.Split('\n'),
            line => line.Contains(SmallSweep.LowerRateRun, StringComparison.Ordinal)
                && line.Contains("wanted lambda1, but probes are off", StringComparison.Ordinal));
        Assert.Contains(
            reference.Result.Output.Split('\n'),
            line => line.Contains(SmallSweep.LowerRateRun, StringComparison.Ordinal)
                && line.Contains("chosen by the measured lambda1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Given_a_run_that_ends_diverged_then_exit_code_3_and_nothing_to_resume()
    {
        using var folder = new TemporaryFolder();
        string[] overrides =
        [
            "--set", "curvature.recovery.enabled=false", "--set", "curvature.optimizer.learning-rate=50",
            "--set", "curvature.sweep.runs=[]",
        ];

        ProgramResult result = await RunningProgram.RunAsync(
            ["run", reference.File, "--state", folder.Path, "--plain", .. overrides]);

        Assert.Equal(3, result.ExitCode);
        JsonElement run = Assert.Single(await State.ListAsync(folder.Path));
        Assert.Equal("diverged", run.GetProperty("state").GetString());
        Assert.NotEqual("", run.GetProperty("reason").GetString());

        ProgramResult resumed = await RunningProgram.RunAsync("resume", "--state", folder.Path);
        Assert.Equal(0, resumed.ExitCode);
        Assert.Contains("Nothing to resume", resumed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_pipe_then_the_output_is_lines_without_escape_sequences() =>
        Assert.DoesNotContain('\u001b', reference.Result.Output);
}
