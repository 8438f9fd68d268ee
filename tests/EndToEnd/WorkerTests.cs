using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary>What happens to a worker costs that worker only.</summary>
[Collection(ReferenceDefinition.Name)]
public sealed class WorkerTests(Reference reference)
{
    [Fact]
    public async Task Given_worker_processes_and_one_that_is_killed_then_every_run_ends_once_with_the_same_bits()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "finds workers through /proc");
        using var folder = new TemporaryFolder();
        await using RunningProgram program = RunningProgram.Start(
            "run", reference.File, "--state", folder.Path, "--plain", "--workers", "2");
        Assert.True(await program.HoldWhenAsync(() => State.Count(folder.Path, "snapshot-committed/1") >= 4));
        Kill(Workers(program.Id)[0]);
        program.Release();

        ProgramResult result = await program.WaitAsync();
        Assert.Equal(("", 0), (result.Error, result.ExitCode));
        Assert.Contains("SIGKILL", result.Output, StringComparison.Ordinal);
        Assert.Equal(reference.Outcomes, await State.OutcomesAsync(folder.Path));
        Assert.Equal(reference.Steps, State.Steps(folder.Path));
        Assert.Equal(4, State.Count(folder.Path, "run-completed/1"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Given_an_orderly_end_then_no_log_tells_of_a_loss(bool interrupted)
    {
        using var folder = new TemporaryFolder();
        await using RunningProgram program = RunningProgram.Start(
            "run", reference.File, "--state", folder.Path, "--plain", "--workers", "2");
        if (interrupted)
        {
            Assert.True(await program.HoldWhenAsync(() => State.Count(folder.Path, "snapshot-committed/1") >= 2));
            program.Release();
            program.Interrupt();
        }

        ProgramResult result = await program.WaitAsync();

        Assert.Equal(interrupted ? 130 : 0, result.ExitCode);
        Assert.DoesNotContain("no longer answers", result.Output, StringComparison.Ordinal);
        Assert.All(
            Directory.EnumerateFiles(folder.Path, "*.log"),
            log => Assert.Equal((log, ""), (log, File.ReadAllText(log))));
    }

    [Fact]
    public async Task Given_a_run_that_kills_its_worker_each_time_then_it_has_failed_and_the_others_go_on()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("killer.conf", $$"""
            curvature {
              data { train-examples = 64, test-examples = 32 }
              training { steps = 20, batch-size = 32 }
              probe.enabled = off
              recovery.crash-budget = 1
              model { assembly = "{{RunningProgram.Built("Models")}}", type = CurvatureActors.Tests.Models.KillerModel }
              sweep.grid { "model.kind" = [external, mlp] }
            }
            """);

        ProgramResult result = await RunningProgram.RunAsync("run", file, "--state", folder.Combine("state"), "--plain", "--workers", "2");

        Assert.Equal(("", 3), (result.Error, result.ExitCode));
        JsonElement[] runs = await State.ListAsync(folder.Combine("state"));
        Assert.Equal(["failed", "completed"], runs.Select(run => run.GetProperty("state").GetString()));
        // Which of the two ends is heard of first, the connection's or the process's, is the kernel's choice.
        Assert.Matches(
            "its trainer was lost 2 times in a row without a new snapshot; last: "
            + "(its worker ended: it was killed \\(SIGKILL\\)|the trainer ended without a word)",
            result.Output);
        Assert.Contains("ended (it was killed (SIGKILL), by hand or for want of memory) and is started again", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Given_more_workers_than_devices_then_exit_code_2_and_both_numbers()
    {
        using var folder = new TemporaryFolder();
        ProgramResult result = await RunningProgram.RunAsync(
            "run", reference.File, "--state", folder.Combine("state"), "--workers", "3", "--set", "devices=[cpu, \"cpu:1\"]");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--workers is 3, but there are only 2 devices", result.Error, StringComparison.Ordinal);
    }

    /// <summary>Children of a process; the kernel lists them by the thread that started each.</summary>
    private static int[] Workers(int coordinator) =>
    [
        .. Directory.GetDirectories($"/proc/{coordinator}/task")
            .SelectMany(thread => File.ReadAllText($"{thread}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(id => int.Parse(id, CultureInfo.InvariantCulture)),
    ];

    private static void Kill(int process)
    {
        using var worker = Process.GetProcessById(process);
        worker.Kill();
    }
}
