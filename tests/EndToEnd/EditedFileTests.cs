using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary>An experiment file that was changed after it was run.</summary>
public sealed class EditedFileTests
{
    private const string Text =
        """
        curvature {
          experiment.name = edited
          data { train-examples = 64, test-examples = 32 }
          model { kind = mlp, hidden = [8] }
          training { steps = 12, batch-size = 32 }
          probe.enabled = off
          sweep.grid { "optimizer.learning-rate" = [RATES] }
        }
        """;

    [Fact]
    public async Task Given_new_points_then_they_are_run_and_given_changed_ones_then_nothing_is_until_extended()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, (await RunAsync(folder, "0.01, 0.02")).ExitCode);
        Dictionary<string, string> first = await State.OutcomesAsync(folder.Combine("state"));

        Assert.Equal(0, (await RunAsync(folder, "0.01, 0.02, 0.03")).ExitCode);
        Dictionary<string, string> more = await State.OutcomesAsync(folder.Combine("state"));
        Assert.Equal(3, more.Count);
        Assert.All(first, outcome => Assert.Equal(outcome.Value, more[outcome.Key]));

        ProgramResult refused = await RunAsync(folder, "0.01, 0.04");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("removed: ", refused.Error, StringComparison.Ordinal);
        Assert.Contains("[learning-rate=0.02]", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--extend", refused.Error, StringComparison.Ordinal);
        Assert.Equal(more, await State.OutcomesAsync(folder.Combine("state")));

        ProgramResult changed = await RunAsync(folder, "0.01, 0.02, 0.03", "--set", "training.steps=13");
        Assert.Equal(2, changed.ExitCode);
        Assert.Contains("changed: ", changed.Error, StringComparison.Ordinal);

        Assert.Equal(0, (await RunAsync(folder, "0.01, 0.04", "--extend")).ExitCode);
        Dictionary<string, string> all = await State.OutcomesAsync(folder.Combine("state"));
        Assert.Equal(4, all.Count);
        Assert.All(more, outcome => Assert.Equal(outcome.Value, all[outcome.Key]));

        // Nothing was trained twice.
        Assert.Equal(4, State.Count(folder.Combine("state"), "run-completed/1"));
        Assert.Equal(4, State.Count(folder.Combine("state"), "run-claimed/1"));
    }

    private static Task<ProgramResult> RunAsync(TemporaryFolder folder, string rates, params string[] more) =>
        RunningProgram.RunAsync(
        [
            "run", folder.Write("edited.conf", Text.Replace("RATES", rates, StringComparison.Ordinal)),
            "--state", folder.Combine("state"), "--plain", .. more,
        ]);
}
