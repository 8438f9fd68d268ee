using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary>A folder for the audit that cannot be written is no fault of any run.</summary>
[Collection(ReferenceDefinition.Name)]
public sealed class AuditTests(Reference reference)
{
    [Theory]
    [InlineData("file/audit")]
    [InlineData("file")]
    public async Task Given_a_folder_that_cannot_be_then_exit_code_2_before_anything_is_touched(string audit)
    {
        using var folder = new TemporaryFolder();
        folder.Write("file", "not a folder");

        ProgramResult result = await RunAsync(folder, folder.Combine(audit));

        Assert.Equal(2, result.ExitCode);
        string sentence = Assert.Single(result.Error.Trim().Split('\n'));
        Assert.Contains($"curvature.runtime.audit is \"{folder.Combine(audit)}\"", sentence, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.Combine("state")));
    }

    [Fact]
    public async Task Given_a_folder_that_is_full_on_the_way_then_exit_code_4_and_elsewhere_the_same_bits()
    {
        using var folder = new TemporaryFolder();

        // Room for the notes of some runs, not of all four: a file takes a page.
        using var disk = new SmallDisk(folder.Combine("disk"), "8k");

        ProgramResult result = await RunAsync(folder, disk.Path);

        Assert.Equal(4, result.ExitCode);
        string sentence = Assert.Single(result.Error.Trim().Split('\n'));
        Assert.Contains(disk.Path, sentence, StringComparison.Ordinal);
        Assert.Contains("the same command goes on", sentence, StringComparison.Ordinal);

        Assert.Equal(0, (await RunAsync(folder, folder.Combine("audit"))).ExitCode);
        Assert.Equal(reference.Outcomes, await State.OutcomesAsync(folder.Combine("state")));
        Assert.Equal(reference.Steps, State.Steps(folder.Combine("state")));
    }

    private Task<ProgramResult> RunAsync(TemporaryFolder folder, string audit) => RunningProgram.RunAsync(
        "run", reference.File, "--state", folder.Combine("state"), "--plain", "--set", $"runtime.audit=\"{audit}\"");
}
