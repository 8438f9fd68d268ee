using System.Security.Cryptography;
using System.Text.Json;
using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary>A state directory that cannot be written ends the program clearly and loses nothing that was committed.</summary>
[Collection(ReferenceDefinition.Name)]
public sealed class StorageTests(Reference reference)
{
    [Fact]
    public async Task Given_a_read_only_directory_then_exit_code_4_and_one_sentence()
    {
        using var folder = new TemporaryFolder();
        using var mount = new SmallDisk(folder.Combine("disk"), "1m");
        mount.Remount("ro");

        ProgramResult result = await RunningProgram.RunAsync(
            "run", reference.File, "--state", mount.Path, "--plain", "--set", "runtime.storage-patience=1");

        IsClear(result, mount.Path);
    }

    [Fact]
    public async Task Given_a_disk_that_fills_up_then_exit_code_4_and_with_more_room_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        using var mount = new SmallDisk(folder.Combine("disk"), "1m");

        ProgramResult result = await RunningProgram.RunAsync(
            "run", reference.File, "--state", mount.Path, "--plain", "--set", "runtime.storage-patience=1");
        IsClear(result, "Nothing that was committed is lost");

        mount.Remount("size=200m");
        await CommittedSnapshotsAreWholeAsync(mount.Path);
        ProgramResult again = await RunningProgram.RunAsync(
            "run", reference.File, "--state", mount.Path, "--plain", "--set", "runtime.storage-patience=1");
        Assert.Equal(0, again.ExitCode);
        Assert.Equal(reference.Outcomes, await State.OutcomesAsync(mount.Path));
        Assert.Equal(reference.Steps, State.Steps(mount.Path));
    }

    /// <summary>Two newest of each of four runs, and the best of each where that is another.</summary>
    [Fact]
    public async Task Given_the_reference_then_every_kept_snapshot_is_the_one_that_was_committed() =>
        Assert.InRange(await CommittedSnapshotsAreWholeAsync(reference.State), 8, 12);

    /// <summary>The files against the journal's digests.</summary>
    /// <returns>How many files there are.</returns>
    private static async Task<int> CommittedSnapshotsAreWholeAsync(string state)
    {
        int files = 0;
        foreach (JsonElement run in await State.ListAsync(state))
        {
            Dictionary<string, string> digests = [];
            foreach (JsonElement e in await State.EventsAsync(state, run.GetProperty("run").GetString()!))
            {
                if (e.GetProperty("event").GetString() == "snapshot-committed")
                {
                    JsonElement data = e.GetProperty("data");
                    digests[data.GetProperty("file").GetString()!] = data.GetProperty("sha256").GetString()!;
                }
            }

            foreach ((string file, string sha256) in digests)
            {
                string path = Path.Combine(state, "snapshots", file);
                if (File.Exists(path))
                {
                    files++;
                    Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(path))));
                }
            }
        }

        return files;
    }

    private static void IsClear(ProgramResult result, string named)
    {
        Assert.Equal(4, result.ExitCode);
        string sentence = Assert.Single(result.Error.Trim().Split('\n'));
        Assert.Contains(named, sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }
}
