using System.Text.Json;
using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary>Promises 1 and 2: nothing lost, nothing twice, the same bits.</summary>
[Collection(ReferenceDefinition.Name)]
public sealed class KillTests(Reference reference)
{
    private const int Seed = 20261124;
    private static readonly string[] Ends = ["run-completed", "run-diverged", "run-failed", "run-stopped"];

    /// <summary>Kill after so many committed snapshots, as a share of all, drawn once from the seed; the first is at start-up.</summary>
    public static TheoryData<double> Moments()
    {
        var random = new Random(Seed);
        return [0, .. Enumerable.Range(0, 4).Select(_ => Math.Round(random.NextDouble(), 3))];
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task Given_a_kill_at_a_seeded_moment_then_the_same_command_ends_with_the_same_bits(double share)
    {
        using var folder = new TemporaryFolder();
        long snapshots = (long)(share * State.Count(reference.State, "snapshot-committed/1"));
        await using (RunningProgram program = RunningProgram.Start("run", reference.File, "--state", folder.Path, "--plain"))
        {
            Assert.True(await program.HoldWhenAsync(() =>
                File.Exists(folder.Combine("lock.json")) && State.Count(folder.Path, "snapshot-committed/1") >= snapshots));
            program.Kill();
            await program.WaitAsync();
        }

        await FinishesLikeTheReferenceAsync(folder.Path);
    }

    [Theory]
    [InlineData("divergence-detected/1")]
    [InlineData("remedy-chosen/1")]
    public async Task Given_a_kill_in_the_middle_of_a_recovery_then_the_same_remedy_follows(string phase)
    {
        using var folder = new TemporaryFolder();
        await using (RunningProgram program = RunningProgram.Start("run", reference.File, "--state", folder.Path, "--plain"))
        {
            Assert.True(await program.HoldWhenAsync(() => State.Count(folder.Path, phase) > 0));
            program.Kill();
            await program.WaitAsync();
        }

        await FinishesLikeTheReferenceAsync(folder.Path);
    }

    [Fact]
    public async Task Given_ctrl_c_then_it_pauses_says_how_to_go_on_and_resume_ends_with_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        await using (RunningProgram program = RunningProgram.Start("run", reference.File, "--state", folder.Path, "--plain"))
        {
            Assert.True(await program.HoldWhenAsync(() => State.Count(folder.Path, "snapshot-committed/1") > 2));
            program.Interrupt();
            program.Release();
            ProgramResult result = await program.WaitAsync();
            Assert.Equal(130, result.ExitCode);
            Assert.Contains("resume", result.Output, StringComparison.Ordinal);
        }

        string[] states = [.. (await State.ListAsync(folder.Path)).Select(run => run.GetProperty("state").GetString()!)];
        Assert.Contains("paused", states);
        Assert.DoesNotContain("running", states);

        ProgramResult resumed = await RunningProgram.RunAsync("resume", "--state", folder.Path, "--plain");
        Assert.Equal(0, resumed.ExitCode);
        await IsLikeTheReferenceAsync(folder.Path);
    }

    [Fact]
    public async Task Given_ctrl_c_twice_then_it_ends_at_once_and_can_still_be_resumed()
    {
        using var folder = new TemporaryFolder();
        await using (RunningProgram program = RunningProgram.Start("run", reference.File, "--state", folder.Path, "--plain"))
        {
            Assert.True(await program.HoldWhenAsync(() => State.Count(folder.Path, "snapshot-committed/1") > 3));

            // Of two that wait the kernel keeps one: the second is sent when the first was heard.
            program.Interrupt();
            program.Release();
            program.Interrupt();
            Assert.Equal(130, (await program.WaitAsync()).ExitCode);
        }

        await FinishesLikeTheReferenceAsync(folder.Path);
    }

    private async Task FinishesLikeTheReferenceAsync(string state)
    {
        ProgramResult result = await RunningProgram.RunAsync("run", reference.File, "--state", state, "--plain");
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        await IsLikeTheReferenceAsync(state);
    }

    private async Task IsLikeTheReferenceAsync(string state)
    {
        Assert.Equal(reference.Outcomes, await State.OutcomesAsync(state));
        Assert.Equal(reference.Steps, State.Steps(state));
        foreach (JsonElement run in await State.ListAsync(state))
        {
            string[] events =
            [
                .. (await State.EventsAsync(state, run.GetProperty("run").GetString()!))
                    .Select(e => e.GetProperty("event").GetString()!),
            ];
            Assert.Single(events, e => Ends.Contains(e));
            Assert.Equal("run-completed", events.Last(e => e != "curvature-measured"));
        }
    }
}
