using System.Text.RegularExpressions;
using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary>A phase of the initialisation survives a kill to the same bits, and is not made again from its start.</summary>
public sealed class InitialisationTests
{
    private const int Steps = 400;

    [Theory]
    [InlineData("metainit")]
    [InlineData("gradinit")]
    public async Task Given_a_kill_in_the_middle_of_a_phase_then_the_same_command_ends_with_the_same_bits(string phase)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write(
            "phase.conf",
            $$"""
            curvature {
              experiment.name = phase
              seed = 3
              data { train-examples = 320, test-examples = 64 }
              model { kind = mlp, hidden = [16], init-scale = 2.0 }
              init {
                phase = {{phase}}
                metainit { steps = {{Steps}}, batch-size = 16 }
                gradinit { steps = {{Steps}}, batch-size = 16 }
              }
              training { steps = 20, batch-size = 16, evaluate-every = 20 }
              snapshot.every = 10
              probe.enabled = false
            }
            """);
        string undisturbed = folder.Combine("undisturbed");
        ProgramResult whole = await RunningProgram.RunAsync("run", file, "--state", undisturbed, "--plain");
        Assert.Equal("", whole.Error);
        Assert.Equal(0, whole.ExitCode);
        Assert.Matches(new Regex($@"running on cpu\S*: {phase} \d+/{Steps}, "), whole.Output);

        string killed = folder.Combine("killed");
        await using (RunningProgram program = RunningProgram.Start("run", file, "--state", killed, "--plain"))
        {
            Assert.True(await program.HoldWhenAsync(() => State.Count(killed, Committed) >= 3));
            program.Kill();
            await program.WaitAsync();
        }

        Assert.InRange(State.Count(killed, Committed), 3, (Steps / 10) - 1);
        ProgramResult resumed = await RunningProgram.RunAsync("run", file, "--state", killed, "--plain");
        Assert.Equal("", resumed.Error);
        Assert.Equal(0, resumed.ExitCode);
        Assert.Equal(await State.OutcomesAsync(undisturbed), await State.OutcomesAsync(killed));
        Assert.Equal(State.Steps(undisturbed), State.Steps(killed));

        // Each snapshot once: what was committed before the kill was not made again. None of the phase is left on disk.
        Assert.Equal(State.Count(undisturbed, Committed), State.Count(killed, Committed));
        Assert.DoesNotContain(
            Directory.EnumerateFiles(Path.Combine(undisturbed, "snapshots"), "*", SearchOption.AllDirectories),
            name => name.Contains(phase, StringComparison.Ordinal));
    }

    private const string Committed = "snapshot-committed/1";
}
