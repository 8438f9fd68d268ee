using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary>Rates that rest on asynchronous measurements survive a kill to the same bits.</summary>
public sealed class CapTests
{
    // The first is capped all along; the second blows up between two rare measurements and is rescued.
    private const string Text =
        """
        curvature {
          experiment.name = capped
          seed = 3
          data { train-examples = 640, test-examples = 200 }
          model { kind = cnn, channels = [4, 8], hidden = [32], init-scale = 2.0 }
          schedule { max-stability-ratio = 0.5, curvature-lag = 4 }
          training { steps = 60, batch-size = 32, evaluate-every = 20 }
          snapshot { every = 7, keep = 2 }
          probe { examples = 64, dense-steps = 3, every = 5 }
          recovery { healthy-after = 8, warmup-steps = 20, budget = 4 }
          optimizer.learning-rate = 0.5
          sweep.grid { "schedule.max-stability-ratio" = [0.1, 8] }
        }
        """;

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    public async Task Given_a_kill_amid_measurements_then_the_same_command_ends_with_the_same_bits(int snapshots)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("capped.conf", Text);
        string undisturbed = folder.Combine("undisturbed");
        ProgramResult whole = await RunningProgram.RunAsync("run", file, "--state", undisturbed, "--plain");
        Assert.Equal("", whole.Error);

        string killed = folder.Combine("killed");
        await using (RunningProgram program = RunningProgram.Start("run", file, "--state", killed, "--plain"))
        {
            Assert.True(await program.HoldWhenAsync(() => State.Count(killed, "snapshot-committed/1") >= snapshots));
            program.Kill();
            await program.WaitAsync();
        }

        ProgramResult resumed = await RunningProgram.RunAsync("run", file, "--state", killed, "--plain");
        Assert.Equal(whole.ExitCode, resumed.ExitCode);
        Assert.Equal(await State.OutcomesAsync(undisturbed), await State.OutcomesAsync(killed));
        Assert.Equal(State.Steps(undisturbed), State.Steps(killed));
        Assert.All(await State.ListAsync(undisturbed), run => Assert.Equal("completed", run.GetProperty("state").GetString()));
    }
}
