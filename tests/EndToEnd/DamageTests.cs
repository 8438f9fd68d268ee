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
            Assert.True(await program.HoldWhenAsync(() => State.Count(folder.Path, "snapshot-committed/1") > 4));
            program.Kill();
            await program.WaitAsync();
        }

        // The newest file may not be what a run goes on from: it may be of an abandoned attempt, or not committed yet.
        string[] newest = await NewestOfUnfinishedRunsAsync(folder.Path);
        Assert.NotEmpty(newest);
        foreach (string file in newest.Select(file => folder.Combine(Path.Combine("snapshots", file))))
        {
            string[] damaged = damage == "delete all" ? Directory.GetFiles(Path.GetDirectoryName(file)!) : [file];
            foreach (string path in damaged)
            {
                Spoil(path, damage);
            }
        }

        ProgramResult result = await RunningProgram.RunAsync("run", reference.File, "--state", folder.Path, "--plain");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(reference.Outcomes, await State.OutcomesAsync(folder.Path));
        Assert.Equal(reference.Steps, State.Steps(folder.Path));
        Assert.True(State.Count(folder.Path, "snapshot-rejected/1") >= newest.Length);
        foreach (JsonElement run in await State.ListAsync(folder.Path))
        {
            Assert.Equal("completed", run.GetProperty("state").GetString());
        }
    }

    /// <summary>What each run that has more to do would go on from, relative to the folder of snapshots.</summary>
    private static async Task<string[]> NewestOfUnfinishedRunsAsync(string state)
    {
        List<string> files = [];
        foreach (JsonElement run in await State.ListAsync(state))
        {
            ProgramResult shown = await RunningProgram.RunAsync(
                "show", run.GetProperty("run").GetString()!, "--json", "--state", state);
            JsonElement root = JsonDocument.Parse(shown.Output).RootElement;
            JsonElement[] snapshots = [.. root.GetProperty("snapshots").EnumerateArray()];

            // A run whose verdict is not answered yet goes back to a snapshot of the remedy's choosing instead.
            bool open = root.GetProperty("attempts").EnumerateArray().LastOrDefault() is { ValueKind: JsonValueKind.Object } attempt
                && attempt.GetProperty("verdict").ValueKind != JsonValueKind.Null;
            if (run.GetProperty("state").GetString() != "completed" && snapshots.Length > 0 && !open)
            {
                files.Add(snapshots[^1].GetProperty("file").GetString()!);
            }
        }

        return [.. files];
    }

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
