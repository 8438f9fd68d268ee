using System.Text.Json;
using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary>
/// pause, continue, stop and cancel of a running program; what goes on ends with the same bits. The program stands still
/// but while a command has reached it, so that each finds the runs where the one before has left them.
/// </summary>
[Collection(ReferenceDefinition.Name)]
public sealed class ControlTests(Reference reference)
{
    /// <summary>One device, and watched so closely that a run takes longer than a command. No run's identity depends on it.</summary>
    private static readonly string[] Slowly =
    [
        "--plain", "--set", "devices=[\"cpu\"]", "--set", "probe.policy=every", "--set", "probe.every=1",
        "--set", "training.evaluate-every=1",
    ];

    [Fact]
    public async Task Given_a_paused_and_continued_run_and_two_cancelled_ones_then_exit_code_3_and_the_others_have_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        await using RunningProgram program = Start(folder.Path);
        JsonElement[] runs = await TrainingAsync(program, folder.Path);
        string[] names = [.. runs.Select(run => run.GetProperty("name").GetString()!)];
        string second = runs[1].GetProperty("run").GetString()!;

        Assert.Contains($"[{names[0]}]: paused at step ", await ControlAsync(program, "pause", names[0], folder.Path), StringComparison.Ordinal);
        Assert.Equal("paused", StateOf(await State.ListAsync(folder.Path), 0));
        using (JsonDocument again = JsonDocument.Parse(await ControlAsync(program, "pause", names[0], folder.Path, "--json")))
        {
            Assert.True(again.RootElement.GetProperty("ok").GetBoolean());
            JsonElement run = Assert.Single(again.RootElement.GetProperty("runs").EnumerateArray());
            Assert.Equal(runs[0].GetProperty("run").GetString(), run.GetProperty("run").GetString());
            Assert.Equal("paused", run.GetProperty("state").GetString());
            Assert.Contains("nothing to do", run.GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        Assert.Contains($"[{names[2]}]: stopped for good at step 0", await ControlAsync(program, "cancel", names[2], folder.Path), StringComparison.Ordinal);
        Assert.Contains($"[{names[0]}]: continued", await ControlAsync(program, "continue", names[0], folder.Path), StringComparison.Ordinal);
        Assert.Contains($"run {second} [{names[1]}]: stopped for good at step ", await ControlAsync(program, "cancel", second[..8], folder.Path), StringComparison.Ordinal);

        program.Release();
        ProgramResult result = await program.WaitAsync();
        Assert.Equal("", result.Error);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("2 completed, 2 stopped", result.Output, StringComparison.Ordinal);
        runs = await State.ListAsync(folder.Path);
        Assert.Equal(["completed", "stopped", "stopped", "completed"], Enumerable.Range(0, 4).Select(index => StateOf(runs, index)));
        Dictionary<string, string> outcomes = await State.OutcomesAsync(folder.Path);
        Assert.All([names[0], names[3]], name => Assert.Equal(reference.Outcomes[name], outcomes[name]));
        Assert.Equal(1, State.Count(folder.Path, "run-paused/1"));

        // Stopped is for good: the same command trains nothing.
        Assert.Equal(3, (await RunningProgram.RunAsync("run", reference.File, "--state", folder.Path, "--plain")).ExitCode);
        Assert.Equal(outcomes, await State.OutcomesAsync(folder.Path));
    }

    [Fact]
    public async Task Given_a_stop_of_the_experiment_then_what_runs_finishes_and_resume_does_the_rest()
    {
        using var folder = new TemporaryFolder();
        await using RunningProgram program = Start(folder.Path);
        await TrainingAsync(program, folder.Path);

        string[] answer = (await ControlAsync(program, "stop", "small", folder.Path)).Trim().Split('\n');

        program.Release();
        Assert.Equal(4, answer.Length);
        Assert.Contains("will finish", answer[0], StringComparison.Ordinal);
        Assert.All(answer.Skip(1), line => Assert.Contains("will not start it", line, StringComparison.Ordinal));
        Assert.Equal(130, (await program.WaitAsync()).ExitCode);
        JsonElement[] runs = await State.ListAsync(folder.Path);
        Assert.Equal(["completed", "pending", "pending", "pending"], Enumerable.Range(0, 4).Select(index => StateOf(runs, index)));

        Assert.Equal(0, (await RunningProgram.RunAsync("resume", "--state", folder.Path, "--plain")).ExitCode);
        Assert.Equal(reference.Outcomes, await State.OutcomesAsync(folder.Path));
    }

    [Fact]
    public async Task Given_a_kill_while_everything_is_paused_then_the_same_command_goes_on_to_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        await using (RunningProgram program = Start(folder.Path))
        {
            await TrainingAsync(program, folder.Path);
            Assert.Contains("paused at step ", await ControlAsync(program, "pause", "small", folder.Path), StringComparison.Ordinal);
            program.Kill();
            await program.WaitAsync();
        }

        Assert.Equal(0, (await RunningProgram.RunAsync("run", reference.File, "--state", folder.Path, "--plain")).ExitCode);
        Assert.Equal(reference.Outcomes, await State.OutcomesAsync(folder.Path));
    }

    [Theory]
    [InlineData("pause")]
    [InlineData("continue")]
    [InlineData("stop")]
    [InlineData("cancel")]
    public async Task Given_no_program_then_exit_code_2_and_how_to_start_one(string action)
    {
        ProgramResult result = await RunningProgram.RunAsync(action, "small", "--state", reference.State);

        Assert.Equal(2, result.ExitCode);
        Assert.Equal($"No program is running on {reference.State}; `curvature resume` starts one.", result.Error.Trim());
    }

    [Fact]
    public async Task Given_a_target_that_is_not_there_then_exit_code_2_names_it()
    {
        using var folder = new TemporaryFolder();
        await using RunningProgram program = Start(folder.Path);
        await TrainingAsync(program, folder.Path);

        ProgramResult result = await SendAsync(program, "cancel", "no-such-run", "--state", folder.Path);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("\"no-such-run\"", result.Error, StringComparison.Ordinal);
    }

    private RunningProgram Start(string state) =>
        RunningProgram.Start(["run", reference.File, "--state", state, .. Slowly]);

    /// <summary>Stops the program when the first run is trained; the runs in the order of the experiment.</summary>
    private static async Task<JsonElement[]> TrainingAsync(RunningProgram program, string state)
    {
        Assert.True(await program.HoldWhenAsync(() => State.Count(state, "snapshot-committed/1") > 0));
        return await State.ListAsync(state);
    }

    private static string StateOf(JsonElement[] runs, int index) => runs[index].GetProperty("state").GetString()!;

    private static async Task<string> ControlAsync(
        RunningProgram program, string action, string target, string state, params string[] more)
    {
        ProgramResult result = await SendAsync(program, [action, target, "--state", state, .. more]);
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        return result.Output;
    }

    /// <summary>Starts a command, lets the program go on when it is being asked, and stops it again at the answer.</summary>
    private static async Task<ProgramResult> SendAsync(RunningProgram program, params string[] arguments)
    {
        int port = State.Control(arguments[^1] is "--json" ? arguments[^2] : arguments[^1])!.Port;
        await using RunningProgram command = RunningProgram.Start(arguments);
        await command.WaitUntilAsync(() => IsSpokenTo(port));
        program.Release();
        ProgramResult result = await command.WaitAsync();
        program.Hold();
        return result;
    }

    /// <summary>
    /// Whether somebody is connected to a port of this machine, as its kernel says (Linux): it answers for a program that is
    /// stopped. Of the two ends it is the program's own that is looked at, since a client's may be a socket of IPv6.
    /// </summary>
    private static bool IsSpokenTo(int port)
    {
        const string Connections = "/proc/net/tcp";
        const string Established = "01";
        string address = $"0100007F:{port:X4}";
        return !File.Exists(Connections)
            || File.ReadLines(Connections).Skip(1)
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Any(fields => fields[1] == address && fields[3] == Established);
    }
}
