using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary>Standard output that cannot be written is said as such, and no run ends by it.</summary>
[Collection(ReferenceDefinition.Name)]
public sealed class OutputTests(Reference reference)
{
    private static readonly string[] Full = ["sh", "-c", "exec \"$0\" \"$@\" > /dev/full"];
    private static readonly string[] Closed = ["sh", "-c", "exec \"$0\" \"$@\" >&-"];
    private static readonly string[] BothFull = ["sh", "-c", "exec \"$0\" \"$@\" > /dev/full 2> /dev/full"];

    [Theory]
    [InlineData("list")]
    [InlineData("list", "--json")]
    [InlineData("events", SmallSweep.LowerRateRun)]
    [InlineData("show", SmallSweep.LowerRateRun, "--json")]
    public async Task Given_an_answer_that_cannot_be_printed_then_exit_code_1_and_one_sentence_about_the_output(params string[] command)
    {
        foreach (string[] wrapper in new[] { Full, Closed })
        {
            ProgramResult result = await UnderAsync(wrapper, [.. command, "--state", reference.State]);

            Assert.Equal(1, result.ExitCode);
            string sentence = Assert.Single(result.Error.Trim().Split('\n'));
            Assert.StartsWith("Standard output cannot be written: ", sentence, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData]
    [InlineData("--workers", "2")]
    public async Task Given_a_full_device_as_output_then_everything_is_trained_to_the_same_bits(params string[] more)
    {
        using var folder = new TemporaryFolder();

        ProgramResult result = await UnderAsync(Full, ["run", reference.File, "--state", folder.Path, .. more]);

        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("Standard output cannot be written: ", Assert.Single(result.Error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.Equal(reference.Outcomes, await State.OutcomesAsync(folder.Path));
        Assert.Equal(reference.Steps, State.Steps(folder.Path));
    }

    [Fact]
    public async Task Given_no_stream_that_can_be_written_then_the_exit_code_still_tells()
    {
        Assert.Equal(2, (await UnderAsync(BothFull, ["run", "no-such-file.conf"])).ExitCode);
        Assert.Equal(1, (await UnderAsync(BothFull, ["list", "--state", reference.State])).ExitCode);
    }

    private static async Task<ProgramResult> UnderAsync(string[] wrapper, string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /dev/full");
        await using RunningProgram program = RunningProgram.StartUnder(wrapper, arguments);
        return await program.WaitAsync();
    }
}
