using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary>The state directory goes away under a running program.</summary>
[Collection(ReferenceDefinition.Name)]
public sealed class LostDirectoryTests(Reference reference)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Given_a_directory_that_is_removed_then_exit_code_4_and_one_sentence(bool whole)
    {
        using var folder = new TemporaryFolder();
        string state = folder.Combine("state");

        ProgramResult result = await DisturbedAsync(state, () =>
        {
            if (whole)
            {
                Directory.Delete(state, recursive: true);
            }
            else
            {
                File.Delete(Path.Combine(state, "lock"));
            }
        });

        IsSaid(result, $"The state directory {state}", "was removed while the program was running");
        Assert.Equal(!whole, Directory.Exists(state));
    }

    [Fact]
    public async Task Given_a_directory_that_is_moved_then_it_says_where_to_and_there_it_goes_on_to_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        string state = folder.Combine("state");
        string elsewhere = folder.Combine("elsewhere");

        ProgramResult result = await DisturbedAsync(state, () => Directory.Move(state, elsewhere));

        IsSaid(result, state, $"--state {elsewhere} ");
        Assert.False(Directory.Exists(state), "Something was made at the old place.");
        Assert.Equal(0, (await RunningProgram.RunAsync("run", reference.File, "--state", elsewhere, "--plain")).ExitCode);
        Assert.Equal(reference.Outcomes, await State.OutcomesAsync(elsewhere));
        Assert.Equal(reference.Steps, State.Steps(elsewhere));
    }

    private async Task<ProgramResult> DisturbedAsync(string state, Action disturb)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "where a file has gone is known on Linux only");
        await using RunningProgram program = RunningProgram.Start("run", reference.File, "--state", state, "--plain");
        Assert.True(await program.HoldWhenAsync(() => State.Count(state, "snapshot-committed/1") > 2));
        disturb();
        program.Release();
        return await program.WaitAsync();
    }

    private static void IsSaid(ProgramResult result, params string[] named)
    {
        Assert.Equal(4, result.ExitCode);
        string sentence = Assert.Single(result.Error.Trim().Split('\n'));
        Assert.All(named, name => Assert.Contains(name, sentence, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", result.Output, StringComparison.Ordinal);
    }
}
