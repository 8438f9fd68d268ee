using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary>A single file of the state directory that cannot be written is named; the log is none to end by.</summary>
[Collection(ReferenceDefinition.Name)]
public sealed class UnwritableFileTests(Reference reference)
{
    [Theory]
    [InlineData("journal.db")]
    [InlineData("telemetry.db")]
    [InlineData("lock.json")]
    public async Task Given_a_folder_in_the_place_of_a_file_then_exit_code_4_and_one_sentence_that_names_it(string file)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.Combine(file));

        ProgramResult result = await RunAsync(folder.Path);

        Assert.Equal(4, result.ExitCode);
        Assert.Contains(folder.Combine(file), Assert.Single(result.Error.Trim().Split('\n')), StringComparison.Ordinal);
        HasNoStack(result);
    }

    [Fact]
    public async Task Given_a_log_that_cannot_be_written_then_everything_is_trained_to_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.Combine("curvature.log"));
        Directory.CreateDirectory(folder.Combine("curvature_001.log"));

        ProgramResult result = await RunAsync(folder.Path);

        Assert.Equal(("", 0), (result.Error, result.ExitCode));
        Assert.Equal(reference.Outcomes, await State.OutcomesAsync(folder.Path));
    }

    /// <summary>Full at the lock, at the tables of the journal, while the log is open, at an event, at a snapshot.</summary>
    [Theory]
    [InlineData("4k")]
    [InlineData("20k")]
    [InlineData("60k")]
    [InlineData("90k")]
    [InlineData("110k")]
    [InlineData("150k")]
    [InlineData("200k")]
    [InlineData("220k")]
    [InlineData("500k", "--workers", "2")]
    public async Task Given_a_disk_that_is_full_at_any_moment_then_one_sentence_and_no_stack(string size, params string[] more)
    {
        using var folder = new TemporaryFolder();
        using var disk = new SmallDisk(folder.Combine("disk"), size);

        ProgramResult result = await RunAsync(disk.Path, more);

        Assert.Equal(4, result.ExitCode);
        string sentence = Assert.Single(result.Error.Trim().Split('\n'));
        Assert.Contains(disk.Path, sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("curvature.log", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("timed out", sentence, StringComparison.OrdinalIgnoreCase);
        Assert.True(
            sentence.Contains("the disk is full", StringComparison.Ordinal) || sentence.Contains("No space left", StringComparison.Ordinal), sentence);

        // Who looks is told the same, or sees what there is.
        ProgramResult list = await RunningProgram.RunAsync("list", "--state", disk.Path);
        Assert.True(
            list is { ExitCode: 0, Error: "" } || (list.ExitCode == 4 && list.Error.Contains("the disk is full", StringComparison.Ordinal)),
            list.Error);
        Assert.Contains("the same command goes on", sentence, StringComparison.OrdinalIgnoreCase);
        HasNoStack(result);
    }

    private Task<ProgramResult> RunAsync(string state, params string[] more) => RunningProgram.RunAsync(
        ["run", reference.File, "--state", state, "--plain", "--set", "runtime.storage-patience=1", .. more]);

    private static void HasNoStack(ProgramResult result) => Assert.DoesNotContain("   at ", result.Output + result.Error, StringComparison.Ordinal);
}
