using System.Text.Json;
using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary>Runs with adaptive optimizers a hundred times too hot: they end useful, and with the same bits after kills.</summary>
public sealed class RescueTests
{
    private const string Text =
        """
        curvature {
          experiment.name = hot
          seed = 11
          data { train-examples = 640, test-examples = 200 }
          model { kind = cnn, channels = [4, 8], hidden = [32] }
          training { steps = 200, batch-size = 32, evaluate-every = 200 }
          snapshot.every = 10
          probe { examples = 64, dense-steps = 0, every = 200 }
          detection.silent-failure.after = 60
          sweep.runs = [
            { "optimizer.kind" = rmsprop, "optimizer.learning-rate" = 0.3 }
            { "optimizer.kind" = adam, "optimizer.learning-rate" = 1.0 }
            { "optimizer.kind" = adam, "optimizer.learning-rate" = 1.0, "probe.enabled" = off, "recovery.budget" = 5 }
          ]
        }
        """;

    [Fact]
    public async Task Given_adaptive_optimizers_far_too_hot_then_they_are_rescued_to_use_and_kills_change_no_bit()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Combine("hot.conf");
        await File.WriteAllTextAsync(file, Text, TestContext.Current.CancellationToken);
        string whole = folder.Combine("whole");
        Assert.Equal(0, (await RunningProgram.RunAsync("run", file, "--state", whole, "--plain")).ExitCode);
        foreach (JsonElement run in await State.ListAsync(whole))
        {
            Assert.Equal("completed", run.GetProperty("state").GetString());
            Assert.InRange(run.GetProperty("restarts").GetInt32(), 1, 5);
            if (run.GetProperty("restartBudget").GetInt32() == 3)
            {
                // Guessing gives 0.1; what is trained at a good rate has 0.7.
                Assert.InRange(run.GetProperty("accuracy").GetDouble(), 0.5, 1);
            }
        }

        string killed = folder.Combine("killed");
        foreach (string phase in new[] { "divergence-detected/1", "curvature-measured/1", "remedy-chosen/1", "remedy-chosen/1", "snapshot-committed/1" })
        {
            await using RunningProgram program = RunningProgram.Start("run", file, "--state", killed, "--plain");
            long known = State.Count(killed, phase);
            _ = await program.WaitUntilAsync(() => State.Count(killed, phase) > known);
            program.Kill();
            await program.WaitAsync();
        }

        Assert.Equal(0, (await RunningProgram.RunAsync("run", file, "--state", killed, "--plain")).ExitCode);
        Assert.Equal(await State.OutcomesAsync(whole), await State.OutcomesAsync(killed));
        Assert.Equal(State.Steps(whole), State.Steps(killed));
    }
}
