using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Cli.Commands;
using CurvatureActors.Cli.Display;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using TorchSharp;

namespace CurvatureActors.Cli.Tests.Commands;

/// <summary><c>probe FILE</c> of files that a stranger may have made, beside their real one.</summary>
[Collection(nameof(ProbeTrustTests))]
[CollectionDefinition(nameof(ProbeTrustTests), DisableParallelization = true)]
public sealed class ProbeTrustTests : IDisposable
{
    private const string Identity = "0123456789ab";

    private readonly string _folder = Directory.CreateTempSubdirectory("curvature-probe-").FullName;

    private string State => Path.Combine(_folder, "state");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("[3, 3, 1]", 2, 1.0, 3.0, 1.0)]
    [InlineData("[3, 3, 1]", 1, null, 3.0, 1.0)]
    [InlineData("[4, 4, 4, 4]", 2, 1.0, 4.0, 4.0)]
    [InlineData("[6, 4, 1]", 2, 1.5, 6.0, 1.0)]
    [InlineData("[4]", 1, null, 4.0, 4.0)]
    [InlineData("[4]", 3, null, 4.0, 4.0)]
    [InlineData("[5, 0, 0]", 1, null, 5.0, 0.0)]
    public async Task Given_a_quadratic_of_known_spectrum_then_ratio_and_intervals_are_what_can_be_known(
        string spectrum, int top, double? ratio, double largest, double smallest)
    {
        string file = Write("real.snapshot", Snapshot(spectrum));

        (int exit, string output, string error) = await ProbeAsync(file, "--json", "--lambda-min", "--trace", "--top", $"{top}");

        Assert.Equal("", error);
        Assert.Equal(0, exit);
        JsonElement probe = JsonDocument.Parse(output).RootElement;
        JsonElement gap = probe.GetProperty("gapRatio");
        Assert.Equal(ratio, gap.ValueKind == JsonValueKind.Null ? null : Math.Round(gap.GetDouble(), 5));
        double[] eigenvalues = JsonSerializer.Deserialize<double[]>(spectrum)!;
        Assert.Equal(largest, eigenvalues.Max());
        Assert.All(probe.GetProperty("intervals").EnumerateArray().Zip(eigenvalues.OrderDescending()), pair => Assert.True(
            pair.Item1[0].GetDouble() < pair.Item2 && pair.Item2 < pair.Item1[1].GetDouble(), $"{pair.Item1} {pair.Item2}"));
        Assert.InRange(probe.GetProperty("lambdaMin").GetDouble(), Math.Max(0, smallest - 1e-3), smallest + 1e-3);
        JsonElement trace = probe.GetProperty("trace");
        double off = Math.Abs(eigenvalues.Sum() - trace.GetProperty("estimate").GetDouble());
        Assert.InRange(trace.GetProperty("standardError").GetDouble(), off, 1e-3);
    }

    [Theory]
    [InlineData("../../escaped")]
    [InlineData("..")]
    [InlineData("/tmp/escaped")]
    [InlineData("")]
    [InlineData("0123456789AB")]
    [InlineData("0123456789abc")]
    [InlineData("a\u001b[2Jb\u202e\u009b\n")]
    public async Task Given_a_run_that_is_no_identity_then_nothing_is_drawn_and_the_name_cannot_move_the_terminal(string run)
    {
        var forger = new SnapshotForger(Snapshot("[3, 1]"));
        forger.Metadata["run"] = run;
        string[] before = Files();

        (int exit, _, string error) = await ProbeAsync(Write("forged.snapshot", forger.Forge()), "--density");

        Assert.Equal(2, exit);
        OneSafeSentence(error);
        Assert.Contains("12 hex digits", error, StringComparison.Ordinal);
        Assert.Equal([.. before, Path.Combine(_folder, "forged.snapshot")], Files());
    }

    [Theory]
    [InlineData("evil.dll", null, "without its SHA-256")]
    [InlineData("evil.dll", "digest", "a full path is expected")]
    [InlineData("/nowhere/evil.dll", null, "without its SHA-256")]
    [InlineData("/nowhere/evil.dll", "not hex", "without its SHA-256")]
    [InlineData("/nowhere/evil.dll", "digest", "--allow-code")]
    public async Task Given_a_model_in_an_assembly_then_its_code_does_not_run(string assembly, string? digest, string said)
    {
        var forger = new SnapshotForger(Snapshot("[3, 1]"));
        forger.Specification(specification =>
        {
            JsonObject model = specification["model"]!.AsObject();
            model["kind"] = "external";
            model["assembly"] = assembly;
            model["type"] = "Evil\u001b";
            model["assemblySha256"] = digest == "digest" ? new string('a', 64) : digest;
        });

        (int exit, _, string error) = await ProbeAsync(Write("forged.snapshot", forger.Forge()));

        Assert.Equal(2, exit);
        OneSafeSentence(error);
        Assert.Contains(said, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Given_code_that_is_allowed_then_only_the_file_with_that_digest_is_loaded()
    {
        string assembly = Write("model.dll", [1, 2, 3]);
        var forger = new SnapshotForger(Snapshot("[3, 1]"));
        forger.Specification(specification =>
        {
            JsonObject model = specification["model"]!.AsObject();
            (model["kind"], model["assembly"], model["type"], model["assemblySha256"]) = ("external", assembly, "T", new string('a', 64));
        });

        (int exit, _, string error) = await ProbeAsync(Write("forged.snapshot", forger.Forge()), "--allow-code");

        Assert.Equal(2, exit);
        OneSafeSentence(error);
        Assert.Contains("not the file that the run was planned with", error, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string> Absurd => new()
    {
        { "model.kind", "\"no-such-model\"", "no-such-model" },
        { "model.kind", "\"a\\u001bb\"", "a\\u001bb" },
        { "model.kind", "null", "" },
        { "model", "null", "model" },
        { "model.hidden", "[1000000000]", "1000000000" },
        { "data.dimension", "1000000000", "1000000000" },
        { "data.trainExamples", "2000000000", "2000000000" },
        { "data.trainExamples", "-1", "-1" },
        { "data.dimension", "3", "dimension" },
        { "data.name", "\"nothing\"", "nothing" },
        { "training.threads", "1000000", "1000000" },
        { "training.threads", "0", "0" },
        { "training.loss", "\"nothing\"", "nothing" },
        { "curvature.examples", "5000", "5000" },
        { "curvature.batchSize", "0", "" },
        { "curvature.tolerance", "\"NaN\"", "" },
        { "seed", "\"x\"", "seed" },
        { "version", "99", "version 99" },
        { "optimizer.kind", "\"magic\"", "optimizer \"magic\"" },
        { "schedule.kind", "\"zig\"", "schedule \"zig\"" },
        { "detection.rules", "[\"nope\"]", "divergence rule \"nope\"" },
        { "recovery.ladder", "[\"nope\"]", "remedy \"nope\"" },
        { "training.batchSize", "0", "training.batchSize is 0" },
        { "training.steps", "-1", "training.steps is -1" },
        { "curvature.maximumProducts", "2000000000", "2000000000 products" },
        { "curvature.maximumProducts", "-1", "curvature.maximumProducts is -1" },
        { "optimizer.learningRate", "1e39", "optimizer.learningRate is 1E+39" },
        { "optimizer.momentum", "1", "optimizer.momentum is 1" },
        { "model.assembly", "\"/tmp/a\\u0000b.dll\"", "that is no path" },
    };

    [Theory]
    [MemberData(nameof(Absurd))]
    public async Task Given_a_specification_that_cannot_be_then_one_sentence_says_so(string path, string value, string said)
    {
        var forger = new SnapshotForger(Snapshot("[3, 1]"));
        forger.Specification(specification =>
        {
            string[] keys = path.Split('.');
            JsonObject at = keys[..^1].Aggregate(specification, (node, key) => node[key]!.AsObject());
            at[keys[^1]] = JsonNode.Parse(value);
        });

        (int exit, _, string error) = await ProbeAsync(Write("forged.snapshot", forger.Forge()));

        Assert.Equal(2, exit);
        OneSafeSentence(error);
        Assert.Contains(said, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("step", "-1", "its step is")]
    [InlineData("attempt", "-1", "its attempt is")]
    [InlineData("updates", "many", "its updates is")]
    [InlineData("step", "99999", "its step is 99999")]
    [InlineData("criticalRate", "NaN", "its criticalRate is")]
    [InlineData("format", "curvature-actors/snapshot/99", "snapshot/99")]
    public async Task Given_a_head_that_cannot_be_then_one_sentence_says_so(string key, string value, string said)
    {
        var forger = new SnapshotForger(Snapshot("[3, 1]"));
        forger.Metadata[key] = value;

        (int exit, _, string error) = await ProbeAsync(Write("forged.snapshot", forger.Forge()));

        Assert.Equal(2, exit);
        OneSafeSentence(error);
        Assert.Contains(said, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[1099511627776, 1099511627776]", null)]
    [InlineData("[-3]", null)]
    [InlineData("[2, 1]", null)]
    [InlineData("[9]", null)]
    [InlineData(null, "[4, 12]")]
    [InlineData(null, "[-4, 4]")]
    public async Task Given_a_tensor_whose_shape_or_place_does_not_come_out_then_it_is_named(string? shape, string? place)
    {
        var forger = new SnapshotForger(Snapshot("[3, 1]"));
        (string name, JsonNode? tensor) = forger.Root.First(pair => pair.Key.StartsWith("parameter.", StringComparison.Ordinal));
        (string key, string value) = shape is null ? ("data_offsets", place!) : ("shape", shape);
        tensor!.AsObject()[key] = JsonNode.Parse(value);

        (int exit, _, string error) = await ProbeAsync(Write("forged.snapshot", forger.Forge()));

        Assert.Equal(2, exit);
        OneSafeSentence(error);
        Assert.Contains(name, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Given_parameters_that_are_not_finite_then_there_is_no_number_but_a_sentence()
    {
        var forger = new SnapshotForger(Snapshot("[3, 1]"));
        forger.FirstNumber(float.NaN);

        (int exit, string output, string error) = await ProbeAsync(Write("forged.snapshot", forger.Forge()), "--json");

        Assert.Equal((2, ""), (exit, output));
        OneSafeSentence(error);
        Assert.Contains("not finite in \"parameter.", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pipe", "it is a pipe")]
    [InlineData("folder", "it is a folder")]
    public async Task Given_a_path_to_what_is_no_file_then_nobody_waits_for_it(string kind, string said)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "These are files of Linux.");
        string path = Path.Combine(_folder, "x.snapshot");
        if (kind == "folder")
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            using var mkfifo = System.Diagnostics.Process.Start("mkfifo", [path]);
            await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        (int exit, _, string error) = await ProbeAsync(path);

        Assert.Equal(4, exit);
        OneSafeSentence(error);
        Assert.Contains(said, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Given_any_damage_then_the_answer_is_a_result_or_one_sentence_and_nothing_is_written_outside()
    {
        byte[] real = Snapshot("[3, 3, 1]");
        var random = new Random(20260801);
        string file = Path.Combine(_folder, "forged.snapshot");
        for (int trial = 0; trial < 200; trial++)
        {
            File.WriteAllBytes(file, Damaged(real, random));

            (int exit, string output, string error) = await ProbeAsync(file, "--density", "--layers", "--trace");

            Assert.True(exit is 0 or 2 or 4, $"trial {trial}: {exit}");
            if (exit == 0)
            {
                Assert.Equal("", error);
                Assert.DoesNotContain('\u001b', output);
            }
            else
            {
                OneSafeSentence(error);
            }
        }

        string pictures = Path.Combine(State, "reports", "probes");
        Assert.All(Files(), path => Assert.True(
            path == file || (Path.GetDirectoryName(path) == pictures && Path.GetExtension(path) == ".png"), path));
    }

    /// <summary>One of: a field of the head gone, of another type or value; the same in the specification; a tensor; bytes; the end.</summary>
    private static byte[] Damaged(byte[] real, Random random)
    {
        var forger = new SnapshotForger(real);
        switch (random.Next(6))
        {
            case 0:
                Change(forger.Metadata, random);
                break;
            case 1 or 2:
                forger.Specification(specification =>
                {
                    JsonObject at = specification;
                    while (random.Next(3) > 0 && at.Select(pair => pair.Value).OfType<JsonObject>().ToArray() is { Length: > 0 } deeper)
                    {
                        at = deeper[random.Next(deeper.Length)];
                    }

                    Change(at, random);
                });
                break;
            case 3:
                JsonObject[] tensors = [.. forger.Root.Where(pair => pair.Key != "__metadata__").Select(pair => pair.Value!.AsObject())];
                Change(random.Next(4) == 0 ? forger.Root : tensors[random.Next(tensors.Length)], random);
                break;
            case 4:
                byte[] flipped = [.. real];
                flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
                return flipped;
            default:
                return real[..random.Next(real.Length)];
        }

        return forger.Forge();
    }

    private static void Change(JsonObject at, Random random)
    {
        string[] keys = [.. at.Select(pair => pair.Key)];
        string key = keys[random.Next(keys.Length)];
        string[] values =
        [
            "null", "-1", "0", "1", "1000000000000", "2000000000", "1e999", "\"\"", "\"NaN\"", "\"../../x\"", "\"a\\u001b]0;b\\u0007\\u202e\"", "[]",
            "{}", "[1000000000000, 1000000000000]", "[-1, -3]", "[null]", "true", "\"\\ud800\"", "0.5",
        ];
        string value = values[random.Next(values.Length)];
        if (random.Next(5) == 0)
        {
            at.Remove(key);
        }
        else
        {
            at[key] = value is "1e999" or "\"\\ud800\"" ? JsonValue.Create("\uFFFD") : JsonNode.Parse(value);
        }
    }

    private static void OneSafeSentence(string error)
    {
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.NotEqual("", error.Trim());
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Object reference", error, StringComparison.Ordinal);
        Assert.All(error.TrimEnd('\n'), c => Assert.False(
            char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format, $"U+{(int)c:X4} in {DisplayText.Line(error)}"));
    }

    private string[] Files() => [.. Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private string Write(string name, byte[] content)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    private async Task<(int Exit, string Output, string Error)> ProbeAsync(string file, params string[] more)
    {
        (TextWriter standardOutput, TextWriter standardError) = (Console.Out, Console.Error);
        using var output = new StringWriter();
        using var error = new StringWriter();
        try
        {
            Console.SetOut(new SafeWriter(output));
            Console.SetError(new SafeWriter(error));
            int exit = await CurvatureCommand.InvokeAsync(["probe", file, "--state", State, .. more]);
            return (exit, output.ToString(), error.ToString());
        }
        finally
        {
            Console.SetOut(standardOutput);
            Console.SetError(standardError);
        }
    }

    /// <summary>The snapshot at step 0 of a quadratic loss with these eigenvalues.</summary>
    private byte[] Snapshot(string spectrum)
    {
        string configuration = Path.Combine(_folder, "experiment.conf");
        File.WriteAllText(configuration, $$"""
            curvature {
              data { name = synthetic, dimension = {{JsonSerializer.Deserialize<double[]>(spectrum)!.Length}}, noise = 0 }
              model { kind = quadratic, quadratic.spectrum = {{spectrum}} }
              training { steps = 10, loss = output, batch-size = 1 }
              probe { examples = 1 }
            }
            """);
        ExperimentSpecification experiment = ExperimentLoader.Load(configuration, []).WithDataIdentity();
        File.Delete(configuration);
        DataSplit data = DataSets.Load(experiment.Runs[0].Specification.Data);
        using TrainingSession session = TrainingSession.Create(experiment.Runs[0].Specification, data, torch.CPU);
        using SnapshotBuffer snapshot = session.Capture(new SnapshotOrigin(Identity, 1, 1));
        using var content = new MemoryStream();
        snapshot.WriteTo(content);
        return content.ToArray();
    }
}
