using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary>The temporary folder belongs to everybody: nothing of the program is left in it.</summary>
[Collection(ReferenceDefinition.Name)]
public sealed class LeftBehindTests(Reference reference)
{
    [Fact]
    public async Task Given_any_end_then_the_temporary_folder_is_as_it_was()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere the runtime has other ways");
        using var folder = new TemporaryFolder();
        string temporary = Directory.CreateDirectory(folder.Combine("temporary")).FullName;
        string state = folder.Combine("state");
        string[] wrapper = ["env", "-u", "DOTNET_EnableDiagnostics", $"TMPDIR={temporary}"];

        Assert.Equal(0, await EndAsync("list", "--state", reference.State));
        Assert.Equal(2, await EndAsync("run", "no-such-file.conf"));
        Assert.Equal(0, await EndAsync("report", "--out", folder.Combine("report"), "--state", reference.State));
        Assert.Equal(0, await EndAsync("doctor", "--state", state));

        // Killed, and then with workers, which are killed at the end.
        await using (RunningProgram program = RunningProgram.StartUnder(wrapper, "run", reference.File, "--state", state, "--plain"))
        {
            Assert.True(await program.HoldWhenAsync(() => State.Count(state, "snapshot-committed/1") > 2));
            program.Kill();
            await program.WaitAsync();
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(temporary));
        Assert.Equal(0, await EndAsync("run", reference.File, "--state", state, "--plain", "--workers", "2"));

        async Task<int> EndAsync(params string[] arguments)
        {
            await using RunningProgram program = RunningProgram.StartUnder(wrapper, arguments);
            ProgramResult result = await program.WaitAsync();
            Assert.Empty(Directory.EnumerateFileSystemEntries(temporary));
            return result.ExitCode;
        }
    }

    [Fact]
    public async Task Given_that_diagnostics_are_asked_for_then_they_can_be_had_while_the_program_runs()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere the runtime has other ways");
        using var folder = new TemporaryFolder();
        string temporary = Directory.CreateDirectory(folder.Combine("temporary")).FullName;
        string[] wrapper = ["env", "DOTNET_EnableDiagnostics=1", $"TMPDIR={temporary}"];
        await using RunningProgram program = RunningProgram.StartUnder(
            wrapper, "run", reference.File, "--state", folder.Combine("state"), "--plain");
        Assert.True(await program.HoldWhenAsync(() => State.Count(folder.Combine("state"), "snapshot-committed/1") > 2));

        Assert.Single(Directory.EnumerateFiles(temporary, $"dotnet-diagnostic-{program.Id}-*-socket"));

        program.Release();
        await program.WaitAsync();
        Assert.Empty(Directory.EnumerateFileSystemEntries(temporary));
    }
}
