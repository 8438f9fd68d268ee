using System.IO.Compression;
using System.Text.Json;
using CurvatureActors.EndToEnd.Tests.Harness;

namespace CurvatureActors.EndToEnd.Tests;

/// <summary>Data as people have them, and what cannot be learned from them.</summary>
public sealed class DataTests
{
    [Fact]
    public async Task Given_black_pictures_with_two_labels_then_the_run_is_a_silent_failure_and_not_completed()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "{0}-idx{1}-ubyte", [.. Enumerable.Range(0, 400).Select(i => (byte)(i % 2))], brightness: null);

        ProgramResult result = await RunAsync(folder, "");

        Assert.Equal(("", 3), (result.Error, result.ExitCode));
        JsonElement run = Assert.Single(await State.ListAsync(folder.Combine("state")));
        Assert.Equal("diverged", run.GetProperty("state").GetString());
        Assert.Contains("(silent-failure)", result.Output, StringComparison.Ordinal);
        Assert.Contains("guessing (0.6931)", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Given_the_letters_of_emnist_as_they_come_then_there_are_26_classes_and_they_are_learned()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "emnist-letters-{0}-idx{1}-ubyte.gz", [.. Enumerable.Range(0, 520).Select(i => (byte)(1 + (i % 26)))], label => (byte)(10 * (label - 1)), "test");

        ProgramResult result = await RunAsync(folder, "");

        Assert.Equal(("", 0), (result.Error, result.ExitCode));
        JsonElement run = Assert.Single(await State.ListAsync(folder.Combine("state")));
        Assert.Equal("completed", run.GetProperty("state").GetString());

        // The classifier's bias is the last parameter: one for each class.
        using JsonDocument probe = JsonDocument.Parse((await RunningProgram.RunAsync(
            "probe", run.GetProperty("run").GetString()!, "--json", "--state", folder.Combine("state"))).Output);
        Assert.Equal((36 * 26) + 26, probe.RootElement.GetProperty("parameters").GetInt64());
    }

    [Fact]
    public async Task Given_data_that_moved_then_probe_takes_them_from_there_and_no_others()
    {
        using var folder = new TemporaryFolder();
        byte[] labels = [.. Enumerable.Range(0, 400).Select(i => (byte)(i % 3))];
        Write(folder, "{0}-idx{1}-ubyte", labels, label => (byte)(90 * label));
        Assert.Equal(0, (await RunAsync(folder, "")).ExitCode);
        string run = (await State.ListAsync(folder.Combine("state")))[0].GetProperty("run").GetString()!;
        string[] probe = ["probe", run, "--json", "--state", folder.Combine("state")];
        ProgramResult before = await RunningProgram.RunAsync(probe);
        Directory.Move(folder.Combine("data"), folder.Combine("moved"));

        ProgramResult missing = await RunningProgram.RunAsync(probe);
        ProgramResult moved = await RunningProgram.RunAsync([.. probe, "--data", folder.Combine("moved")]);
        File.WriteAllBytes(
            folder.Combine("moved/t10k-labels-idx1-ubyte"), [.. File.ReadAllBytes(folder.Combine("moved/t10k-labels-idx1-ubyte"))[..^1], 1]);
        ProgramResult other = await RunningProgram.RunAsync([.. probe, "--data", folder.Combine("moved")]);
        ProgramResult nowhere = await RunningProgram.RunAsync([.. probe, "--data", folder.Combine("nowhere")]);

        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("--data DIR", missing.Error, StringComparison.Ordinal);
        Assert.Equal(("", 0), (moved.Error, moved.ExitCode));
        Assert.Equal(Values(before), Values(moved));
        Assert.Equal(2, other.ExitCode);
        Assert.Contains($"The files in {folder.Combine("moved")} are not those", other.Error, StringComparison.Ordinal);
        Assert.Equal(2, nowhere.ExitCode);
        Assert.Contains(folder.Combine("nowhere"), nowhere.Error, StringComparison.Ordinal);

        static string Values(ProgramResult result) => JsonDocument.Parse(result.Output).RootElement.GetProperty("values").GetRawText();
    }

    [Fact]
    public async Task Given_a_model_whose_evaluations_are_no_numbers_then_the_run_diverges_at_its_end_and_keeps_no_snapshot_of_it()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "{0}-idx{1}-ubyte", [.. Enumerable.Range(0, 400).Select(i => (byte)(i % 2))], label => (byte)(90 * label));

        ProgramResult result = await RunAsync(
            folder, $$"""model { kind = external, assembly = "{{RunningProgram.Built("Models")}}", type = CurvatureActors.Tests.Models.BlindModel }""");

        Assert.Equal(("", 3), (result.Error, result.ExitCode));
        JsonElement run = Assert.Single(await State.ListAsync(folder.Combine("state")));
        Assert.Equal("diverged", run.GetProperty("state").GetString());
        Assert.Contains("diverged at step 300 (non-finite): The loss over the test examples at the end, step 300, is NaN.", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(folder.Combine("state/snapshots"), "*", SearchOption.AllDirectories), file => file.Contains("-300", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Given_batch_norm_and_a_batch_of_one_then_refused_before_anything_is_written()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "{0}-idx{1}-ubyte", [.. Enumerable.Range(0, 400).Select(i => (byte)(i % 2))], label => (byte)(90 * label));

        ProgramResult result = await RunAsync(folder, "model { normalization = batch, hidden = [8] }, curvature.training.batch-size = 1");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("curvature.training.batch-size is 1; curvature.model.normalization = batch needs at least 2", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.Combine("state")));
    }

    [Fact]
    public async Task Given_a_file_system_without_locks_then_it_is_said_and_nothing_is_trained()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "{0}-idx{1}-ubyte", [.. Enumerable.Range(0, 400).Select(i => (byte)(i % 2))], label => label);
        string file = Configuration(folder, "");

        // What the runtime does where flock is not supported: it goes on as if it had the lock.
        await using RunningProgram program = RunningProgram.StartUnder(
            ["env", "DOTNET_SYSTEM_IO_DISABLEFILELOCKING=1"], "run", file, "--state", folder.Combine("state"), "--plain");
        ProgramResult result = await program.WaitAsync();

        Assert.Equal(4, result.ExitCode);
        Assert.Contains($"The state directory {folder.Combine("state")} is on a file system without locks", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", result.Error.TrimEnd(), StringComparison.Ordinal);
        Assert.False(File.Exists(folder.Combine("state/journal.db")));
    }

    private static Task<ProgramResult> RunAsync(TemporaryFolder folder, string more) => RunningProgram.RunAsync(
        "run", Configuration(folder, more), "--state", folder.Combine("state"), "--plain");

    private static string Configuration(TemporaryFolder folder, string more) => folder.Write("x.conf", $$"""
        curvature {
          data { name = idx, directory = "{{folder.Combine("data")}}" }
          model { kind = mlp, hidden = [] }
          training { steps = 300, batch-size = 32, evaluate-every = 100 }
          probe { enabled = off, examples = 100 }
          recovery.budget = 1
          optimizer.learning-rate = 0.1
        }
        curvature.{{(more.Length > 0 ? more : "seed = 0")}}
        """);

    // 6 x 6 pictures of one brightness, with one pixel that tells the label; null: black.
    private static void Write(TemporaryFolder folder, string pattern, byte[] labels, Func<byte, byte>? brightness, string test = "t10k")
    {
        Directory.CreateDirectory(folder.Combine("data"));
        foreach (string part in (string[])["train", test])
        {
            byte[] count = [0, 0, (byte)(labels.Length / 256), (byte)labels.Length];
            byte[] pixels = brightness is null
                ? new byte[36 * labels.Length]
                : [.. labels.SelectMany(label => Enumerable.Range(0, 36).Select(pixel => pixel == label ? (byte)255 : brightness(label)))];
            Put($"{part}-images", 3, [0, 0, 8, 3, .. count, 0, 0, 0, 6, 0, 0, 0, 6, .. pixels]);
            Put($"{part}-labels", 1, [0, 0, 8, 1, .. count, .. labels]);
        }

        void Put(string role, int dimensions, byte[] content)
        {
            string name = string.Format(System.Globalization.CultureInfo.InvariantCulture, pattern, role, dimensions);
            using FileStream file = File.Create(folder.Combine(Path.Combine("data", name)));
            using Stream target = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : file;
            target.Write(content);
        }
    }
}
