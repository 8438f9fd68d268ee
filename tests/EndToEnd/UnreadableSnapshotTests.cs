using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary>
/// A snapshot that cannot be read is not a damaged one: the program stops with the reason, and rejects and trains nothing.
/// A folder in the file's place cannot be read by anybody, whatever their rights.
/// </summary>
[Collection(ReferenceDefinition.Name)]
public sealed class UnreadableSnapshotTests(Reference reference)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Given_snapshots_that_cannot_be_read_then_the_program_stops_and_later_goes_on_from_them(bool each)
    {
        using var folder = new TemporaryFolder();
        await using (RunningProgram program = RunningProgram.Start("run", reference.File, "--state", folder.Path, "--plain"))
        {
            Assert.True(await program.WaitUntilAsync(() => State.Count(folder.Path, "snapshot-committed/1") > 4));
            program.Kill();
            await program.WaitAsync();
        }

        string snapshots = folder.Combine("snapshots");
        string away = folder.Combine("away");
        Directory.Move(snapshots, away);
        if (each)
        {
            foreach (string file in Directory.GetFiles(away, "*.snapshot", SearchOption.AllDirectories))
            {
                Directory.CreateDirectory(Path.Combine(snapshots, Path.GetRelativePath(away, file)));
            }
        }

        ProgramResult result = await RunningProgram.RunAsync(
            "run", reference.File, "--state", folder.Path, "--plain", "--set", "runtime.storage-patience=1");

        Assert.Equal(4, result.ExitCode);
        Assert.Contains(snapshots, Assert.Single(result.Error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.Equal(0, State.Count(folder.Path, "snapshot-rejected/1"));
        PutBack(away, snapshots);
        ProgramResult again = await RunningProgram.RunAsync("run", reference.File, "--state", folder.Path, "--plain");
        Assert.Equal(0, again.ExitCode);
        Assert.Equal(0, State.Count(folder.Path, "snapshot-rejected/1"));
        Assert.Equal(reference.Outcomes, await State.OutcomesAsync(folder.Path));
        Assert.Equal(reference.Steps, State.Steps(folder.Path));
    }

    /// <summary>Runs that had no snapshot yet may have made some meanwhile, which stay.</summary>
    private static void PutBack(string away, string snapshots)
    {
        foreach (string file in Directory.GetFiles(away, "*", SearchOption.AllDirectories))
        {
            string path = Path.Combine(snapshots, Path.GetRelativePath(away, file));
            if (Directory.Exists(path))
            {
                Directory.Delete(path);
            }

            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Move(file, path);
        }
    }
}
