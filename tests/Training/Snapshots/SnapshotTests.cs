using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Data;
using CurvatureActors.Training.Tests.Sessions;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Snapshots;

public sealed class SnapshotTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"curvature-{Guid.NewGuid():N}.snapshot");
    private readonly SnapshotPool _pool = new();
    private readonly RunSpecification _run = Fixtures.Run(
        Fixtures.Model(normalization: "batch", dropout: 0.2), Fixtures.Optimizer("adam"));
    private readonly DataSplit _data = Fixtures.Data();
    private readonly TrainingSession _session;
    private readonly SnapshotBuffer _snapshot;
    private readonly byte[] _bytes;

    public SnapshotTests()
    {
        _session = TrainingSession.Create(_run, _data, CPU, _pool);
        for (int i = 0; i < 7; i++)
        {
            _session.Advance();
        }

        _snapshot = _session.Capture(Fixtures.Origin);
        using MemoryStream stream = new();
        _snapshot.WriteTo(stream);
        _bytes = stream.ToArray();
    }

    public void Dispose()
    {
        File.Delete(_path);
        _snapshot.Dispose();
        _session.Dispose();
        _pool.Dispose();
    }

    [Fact]
    public void Given_a_written_snapshot_When_read_Then_header_bytes_and_digest_are_the_same()
    {
        File.WriteAllBytes(_path, _bytes);
        using SnapshotBuffer read = SnapshotBuffer.Read(_path, _pool);
        Assert.Equal(_bytes.Length, read.Length);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(_bytes)), read.Sha256);
        Assert.Equal(_snapshot.Sha256, read.Sha256);
        Assert.Equal(_snapshot.Header, read.Header);
        Assert.Equal(Fixtures.Origin, read.Header.Origin);
        Assert.Equal(7, read.Header.Step);
        Assert.Equal(7, read.Header.Updates);
        Assert.Equal(_run, read.Header.Specification);
        Assert.Equal(_session.Plan, read.Header.Plan);
        Assert.Equal(_session.ParametersSha256(), read.ParametersSha256());
        using MemoryStream again = new();
        read.WriteTo(again);
        Assert.Equal(_bytes, again.ToArray());
    }

    [Fact]
    public void Given_a_snapshot_When_parsed_as_the_safetensors_format_says_Then_everything_is_there()
    {
        // https://github.com/huggingface/safetensors#format, read here without any of the code under test.
        long headerLength = BinaryPrimitives.ReadInt64LittleEndian(_bytes);
        Assert.Equal(0, headerLength % 8);
        string text = Encoding.UTF8.GetString(_bytes, 8, (int)headerLength);
        Assert.Equal('{', text[0]);
        Assert.EndsWith("}", text.TrimEnd(' '), StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(text);
        ReadOnlySpan<byte> data = _bytes.AsSpan(8 + (int)headerLength);
        Dictionary<string, string> metadata = json.RootElement.GetProperty("__metadata__").EnumerateObject()
            .ToDictionary(property => property.Name, property => property.Value.GetString()!);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(data)), metadata["dataSha256"]);
        Assert.Equal("0123456789ab", metadata["run"]);
        Assert.Equal("7", metadata["step"]);
        Assert.Equal(Encoding.UTF8.GetString(SpecificationJson.Canonical(_run)), metadata["specification"]);

        long end = 0;
        using IncrementalHash parameters = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Dictionary<string, (string Type, long[] Shape)> tensors = [];
        foreach (JsonProperty property in json.RootElement.EnumerateObject())
        {
            if (property.Name == "__metadata__")
            {
                continue;
            }

            long[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(item => item.GetInt64())];
            long[] offsets =
                [.. property.Value.GetProperty("data_offsets").EnumerateArray().Select(item => item.GetInt64())];
            string type = property.Value.GetProperty("dtype").GetString()!;
            Assert.Equal(end, offsets[0]);
            Assert.Equal(shape.Aggregate(type == "U8" ? 1L : 4L, (a, b) => a * b), offsets[1] - offsets[0]);
            end = offsets[1];
            tensors.Add(property.Name, (type, shape));
            if (property.Name.StartsWith("parameter.", StringComparison.Ordinal))
            {
                parameters.AppendData(data[(int)offsets[0]..(int)offsets[1]]);
            }
        }

        Assert.Equal(data.Length, end);
        Assert.Equal(_session.ParametersSha256(), Convert.ToHexStringLower(parameters.GetHashAndReset()));
        Assert.Equal([3, 1, 3, 3], tensors["parameter.convolutions.0.weight"].Shape);
        Assert.Equal([3], tensors["buffer.convolutions.0.normalization.running_mean"].Shape);
        Assert.Equal([_session.ParameterCount], tensors["optimizer.exp_avg"].Shape);
        Assert.Equal([_session.ParameterCount], tensors["optimizer.exp_avg_sq"].Shape);
        Assert.Equal("U8", tensors["generator.dropout"].Type);
    }

    [Fact]
    public void Given_any_byte_flipped_When_read_Then_the_damage_is_found()
    {
        using MemoryStream stream = new(_bytes);
        for (int i = 0; i < _bytes.Length; i++)
        {
            _bytes[i] ^= (byte)(1 << (i % 8));
            stream.Position = 0;
            SnapshotException exception = Assert.Throws<SnapshotException>(
                () => SnapshotBuffer.Read(stream, _bytes.Length, "the-file", _pool));
            Assert.Contains("the-file", exception.Message, StringComparison.Ordinal);
            _bytes[i] ^= (byte)(1 << (i % 8));
        }

        Assert.Equal(1, _pool.BuffersInUse);
    }

    [Fact]
    public void Given_a_file_cut_off_anywhere_or_too_long_When_read_Then_the_damage_is_found()
    {
        for (int length = 0; length < _bytes.Length; length += length < 64 ? 1 : 131)
        {
            AssertDamaged(_bytes[..length], "");
        }

        AssertDamaged([], "ends after 0 bytes");
        AssertDamaged(_bytes[..^1], "cut off");
        AssertDamaged([.. _bytes, 0], "too long");
    }

    [Fact]
    public void Given_a_path_that_leads_nowhere_When_read_Then_it_is_unreadable_and_not_damaged()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("curvature-paths-");
        try
        {
            string link = Path.Combine(folder.FullName, "link.snapshot");
            File.CreateSymbolicLink(link, Path.Combine(folder.FullName, "not-mounted", "1-0.snapshot"));
            string file = Path.Combine(folder.FullName, "file");
            File.WriteAllText(file, "no folder");

            Assert.Contains(
                "not-mounted", Assert.Throws<SnapshotUnreadableException>(() => SnapshotBuffer.Read(link)).Message, StringComparison.Ordinal);
            Assert.Throws<SnapshotUnreadableException>(() => SnapshotBuffer.Read(Path.Combine(file, "1-0.snapshot")));
            Assert.Throws<SnapshotException>(() => SnapshotBuffer.Read(Path.Combine(folder.FullName, "1-0.snapshot")));

            string snapshot = Path.Combine(folder.FullName, "real");
            File.WriteAllBytes(snapshot, _bytes);
            File.Delete(link);
            File.CreateSymbolicLink(link, snapshot);
            using SnapshotBuffer read = SnapshotBuffer.Read(link);
            Assert.Equal(_bytes.Length, new FileInfo(snapshot).Length);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("pipe", "it is a pipe, no file")]
    [InlineData("/dev/zero", "it is a device, no file")]
    [InlineData("link", "it is a pipe, no file")]
    public void Given_a_pipe_or_a_device_When_read_Then_nothing_waits_for_it(string name, string said)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "These are files of Linux.");
        using var folder = new TemporaryFolder();
        PlainFileTests.MakePipe(folder["pipe"]);
        File.CreateSymbolicLink(folder["link"], folder["pipe"]);

        string message = Assert.Throws<SnapshotUnreadableException>(
            () => SnapshotBuffer.Read(name.StartsWith('/') ? name : folder[name])).Message;

        Assert.Contains(said, message, StringComparison.Ordinal);
    }

    /// <summary>A head that was written by somebody else, with digests that fit.</summary>
    [Theory]
    [InlineData("\"step\":\"7\"", "\"step\":\"-7\"", "its step is \"-7\"")]
    [InlineData("\"step\":\"7\"", "\"step\":\"7777777777\"", "its step is 7777777777")]
    [InlineData("\"step\":\"7\"", "\"step\":\"41\"", "its step is 41, and its run has 40")]
    [InlineData("\"attempt\":\"1\"", "\"attempt\":\"-1\"", "its attempt is")]
    [InlineData("\"epoch\":\"2\"", "\"epoch\":\"x\"", "its epoch is \"x\"")]
    [InlineData("\"updates\":\"7\"", "\"updates\":\"\"", "its updates is \"\"")]
    [InlineData("\"samplerPosition\":\"56\"", "\"sampler\":\"56\"", "\"samplerPosition\" is missing")]
    [InlineData("\\u0022version\\u0022:1,", "\\u0022version\\u0022:99,", "version 99")]
    [InlineData("\\u0022batchSize\\u0022:8", "\\u0022batchSize\\u0022:0", "training.batchSize is 0")]
    [InlineData("\\u0022steps\\u0022:40", "\\u0022steps\\u0022:-40", "training.steps is -40")]
    [InlineData("\\u0022learningRate\\u0022:0.05", "\\u0022learningRate\\u0022:1e39", "optimizer.learningRate is 1E+39")]
    [InlineData("\\u0022peakLearningRate\\u0022:0.05", "\\u0022peakLearningRate\\u0022:-1", "plan.peakLearningRate is -1")]
    [InlineData("\\u0022warmupSteps\\u0022:5,\\u0022clipNorm", "\\u0022warmupSteps\\u0022:-5,\\u0022clipNorm", "plan.warmupSteps is -5")]
    public void Given_a_head_with_what_no_run_has_When_read_Then_the_field_is_named(string before, string after, string said)
    {
        AssertDamaged(ForgedSnapshot.Head(_bytes, before, after), said);
    }

    [Fact]
    public void Given_a_file_of_another_kind_When_read_Then_the_error_says_so()
    {
        AssertDamaged(Encoding.ASCII.GetBytes("This is a text and not a snapshot at all."), "not a safetensors file");
        AssertDamaged([16, 0, 0, 0, 0, 0, 0, 0, .. "{\"a\":          }"u8], "not JSON");
        AssertDamaged(
            [16, 0, 0, 0, 0, 0, 0, 0, .. "{}              "u8], "not written by this program");
        AssertDamaged(
            [40, 0, 0, 0, 0, 0, 0, 0, .. "{\"__metadata__\":{\"format\":\"pt\"}}        "u8], "its format is \"pt\"");
    }

    [Fact]
    public void Given_no_file_When_read_Then_the_error_names_it() => Assert.Contains(
        _path, Assert.Throws<SnapshotException>(() => SnapshotBuffer.Read(_path)).Message, StringComparison.Ordinal);

    [Fact]
    public void Given_several_holders_When_the_last_disposes_Then_the_memory_goes_back()
    {
        Assert.Equal(1, _pool.BuffersInUse);
        SnapshotBuffer second = _snapshot.Retain();
        _snapshot.Dispose();
        _snapshot.Dispose();
        Assert.Equal(1, _pool.BuffersInUse);
        Assert.Throws<ObjectDisposedException>(() => _snapshot.Sha256);
        Assert.Throws<ObjectDisposedException>(() => _snapshot.Retain());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(_bytes)), second.Sha256);
        second.Dispose();
        Assert.Equal(0, _pool.BuffersInUse);
        Assert.Equal(0, _pool.BytesInUse);
        Assert.True(_pool.BytesIdle >= _bytes.Length);

        long idle = _pool.BytesIdle;
        using SnapshotBuffer next = _session.Capture(Fixtures.Origin);
        Assert.Equal(idle, _pool.BytesIdle + _pool.BytesInUse);
    }

    [Fact]
    public void Given_many_threads_When_they_retain_and_dispose_Then_the_count_comes_out()
    {
        Parallel.For(0, 2000, i =>
        {
            using SnapshotBuffer mine = _snapshot.Retain();
            if (i % 100 == 0)
            {
                Assert.Equal(64, mine.Sha256.Length);
            }
        });
        Assert.Equal(1, _pool.BuffersInUse);
        _snapshot.Dispose();
        Assert.Equal(0, _pool.BuffersInUse);
    }

    [Fact]
    public void Given_a_pool_When_more_comes_back_than_it_keeps_Then_the_rest_is_freed()
    {
        using SnapshotPool pool = new(keep: 2);
        using TrainingSession session = TrainingSession.Create(_run, _data, CPU, pool);
        SnapshotBuffer[] many = [.. Enumerable.Range(0, 5).Select(_ => session.Capture(Fixtures.Origin))];
        long each = pool.BytesInUse / 5;
        Array.ForEach(many, snapshot => snapshot.Dispose());
        Assert.Equal(2 * each, pool.BytesIdle);
    }

    [Fact]
    public void Given_a_snapshot_When_loaded_into_a_network_Then_it_computes_what_the_session_computes()
    {
        using DisposeScope scope = NewDisposeScope();
        using Network network = ModelRegistry.Build(
            _run.Model, new NetworkOptions(_data.Test.Shape, _data.Test.Classes, CPU));
        ModelState.Load(network, _snapshot);
        Tensor logits = network.Forward(((ImageDataSet)_data.Test).Images, NetworkMode.Evaluate);
        Evaluation evaluation = _session.Evaluate();
        Assert.Equal(
            evaluation.Loss, LossRegistry.CrossEntropy(logits, ((ImageDataSet)_data.Test).Labels).item<float>(), 1e-6);
        Assert.Equal(
            evaluation.Accuracy, (double)Accuracy.Correct(logits, ((ImageDataSet)_data.Test).Labels) / _data.Test.Count, 1e-12);
    }

    [Fact]
    public void Given_a_network_of_another_shape_When_loaded_Then_the_error_names_the_tensor_and_nothing_changes()
    {
        using DisposeScope scope = NewDisposeScope();
        using Network network = ModelRegistry.Build(
            Fixtures.Model(normalization: "batch", channels: [3, 5]),
            new NetworkOptions(_data.Test.Shape, _data.Test.Classes, CPU));
        SnapshotException exception = Assert.Throws<SnapshotException>(() => ModelState.Load(network, _snapshot));
        Assert.Contains("parameter.convolutions.1.weight", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, network.Parameters[0].Value.abs().max().item<float>());
    }

    [Fact]
    public void Given_adams_state_in_a_snapshot_When_asked_Then_the_preconditioner_comes_from_it()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor square = _snapshot.Tensor("optimizer.exp_avg_sq");
        Tensor? diagonal = CurvatureActors.Training.Optimizers.OptimizerRegistry.Optimizers["adam"]
            .PreconditionerDiagonal!(_run.Optimizer, name => _snapshot.Tensor($"optimizer.{name}"), _snapshot.Header.Updates);
        Tensor expected = (square / (1 - Math.Pow(0.99, 7))).sqrt() + 1e-8;
        Assert.True(((diagonal! - expected).abs() / expected).max().item<float>() < 1e-6);
    }

    private void AssertDamaged(byte[] content, string what)
    {
        File.WriteAllBytes(_path, content);
        SnapshotException exception = Assert.Throws<SnapshotException>(() => SnapshotBuffer.Read(_path, _pool));
        Assert.Contains(_path, exception.Message, StringComparison.Ordinal);
        Assert.Contains(what, exception.Message, StringComparison.Ordinal);
    }
}
