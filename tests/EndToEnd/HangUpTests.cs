using System.Globalization;
using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary>A terminal that closes pauses the program as Ctrl-C does; who asked not to be told of it is not.</summary>
[Collection(ReferenceDefinition.Name)]
public sealed class HangUpTests(Reference reference)
{
    [Theory]
    [InlineData]
    [InlineData("--workers", "2")]
    public async Task Given_a_hang_up_then_it_pauses_with_a_snapshot_and_the_same_command_ends_with_the_same_bits(params string[] more)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "finds workers through /proc");
        using var folder = new TemporaryFolder();
        await using (RunningProgram program = RunningProgram.Start(["run", reference.File, "--state", folder.Path, "--plain", .. more]))
        {
            Assert.True(await program.HoldWhenAsync(() => State.Count(folder.Path, "snapshot-committed/1") > 2));

            // The kernel tells every process of the terminal, and the shell may tell again.
            foreach (int worker in Children(program.Id))
            {
                RunningProgram.Signal(worker, RunningProgram.Hup);
            }

            program.HangUp();
            program.Release();
            program.HangUp();
            Assert.Equal(130, (await program.WaitAsync()).ExitCode);
        }

        // No worker that was at work ended by it.
        Assert.Equal(0, State.Count(folder.Path, "trainer-lost/1"));
        Assert.True(State.Count(folder.Path, "run-paused/1") > 0);
        Assert.Equal(0, (await RunningProgram.RunAsync("run", reference.File, "--state", folder.Path, "--plain")).ExitCode);
        Assert.Equal(reference.Outcomes, await State.OutcomesAsync(folder.Path));
        Assert.Equal(reference.Steps, State.Steps(folder.Path));
    }

    [Fact]
    public async Task Given_nohup_then_a_hang_up_changes_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs nohup");
        using var folder = new TemporaryFolder();
        await using RunningProgram program = RunningProgram.StartUnder(
            ["nohup"], "run", reference.File, "--state", folder.Path, "--plain");
        Assert.True(await program.HoldWhenAsync(() => State.Count(folder.Path, "snapshot-committed/1") > 2));
        program.HangUp();
        program.Release();

        Assert.Equal(0, (await program.WaitAsync()).ExitCode);
        Assert.Equal(reference.Outcomes, await State.OutcomesAsync(folder.Path));
        Assert.Equal(0, State.Count(folder.Path, "run-paused/1"));
    }

    private static int[] Children(int process) =>
    [
        .. Directory.GetDirectories($"/proc/{process}/task")
            .SelectMany(thread => File.ReadAllText($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(id => int.Parse(id, CultureInfo.InvariantCulture)),
    ];
}
