using System.Text.Json;
using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary>A snapshot that is no longer what was committed is found out, and the one before it serves.</summary>
[Collection(ReferenceDefinition.Name)]
public sealed class DamageTests(Reference reference)
{
    [Theory]
    [InlineData("flip")]
    [InlineData("truncate")]
    [InlineData("empty")]
    [InlineData("delete")]
    [InlineData("delete all")]
    public async Task Given_damaged_newest_snapshots_then_the_runs_go_on_from_earlier_ones_to_the_same_bits(string damage)
    {
        using var folder = new TemporaryFolder();
        await using (RunningProgram program = RunningProgram.Start("run", reference.File, "--state", folder.Path, "--plain"))
        {
            Assert.True(await program.WaitUntilAsync(() => State.Count(folder.Path, "snapshot-committed/1") > 4));
            program.Kill();
            await program.WaitAsync();
        }

        foreach (string run in Directory.GetDirectories(folder.Combine("snapshots")))
        {
            string[] files = [.. Directory.GetFiles(run, "*.snapshot").OrderByDescending(Step)];
            foreach (string file in damage == "delete all" ? files : files.Take(1))
            {
                Spoil(file, damage);
            }
        }

        ProgramResult result = await RunningProgram.RunAsync("run", reference.File, "--state", folder.Path, "--plain");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(reference.Outcomes, await State.OutcomesAsync(folder.Path));
        Assert.Equal(reference.Steps, State.Steps(folder.Path));
        Assert.True(State.Count(folder.Path, "snapshot-rejected/1") > 0);
        foreach (JsonElement run in await State.ListAsync(folder.Path))
        {
            Assert.Equal("completed", run.GetProperty("state").GetString());
        }
    }

    private static int Step(string file) => int.Parse(
        Path.GetFileNameWithoutExtension(file).Split('-')[1], System.Globalization.CultureInfo.InvariantCulture);

    private static void Spoil(string file, string damage)
    {
        byte[] bytes = File.ReadAllBytes(file);
        switch (damage)
        {
            case "flip":
                bytes[bytes.Length / 2] ^= 1;
                File.WriteAllBytes(file, bytes);
                break;
            case "truncate":
                File.WriteAllBytes(file, bytes[..(bytes.Length / 2)]);
                break;
            case "empty":
                File.WriteAllBytes(file, []);
                break;
            default:
                File.Delete(file);
                break;
        }
    }
}
