using BenchmarkDotNet.Attributes;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Training.Snapshots;

namespace CurvatureActors.Bench.Micro;

/// <summary>What a snapshot costs the trainer (capture) and the store (write, with two flushes to the disk).</summary>
public class SnapshotBenchmarks
{
    private ShortRun _run = null!;
    private string _path = null!;
    private SnapshotFolder _folder = null!;

    /// <summary>Trains, and writes once so that there is something to read.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _run = new ShortRun(snapshots: 1);
        _path = Directory.CreateTempSubdirectory("curvature-bench-").FullName;
        _folder = new SnapshotFolder(_path);
        Write();
        Console.WriteLine($"// {_run.Session.ParameterCount} parameters, snapshot of {_run.Snapshots[0].Length} bytes");
    }

    /// <summary>Frees everything.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _run.Dispose();
        Directory.Delete(_path, recursive: true);
    }

    /// <summary>One training step, to compare with.</summary>
    [Benchmark(Baseline = true)]
    public void Step()
    {
        if (_run.Session.Finished)
        {
            _run.Session.Restore(_run.Snapshots[0]);
        }

        _run.Session.Advance();
    }

    /// <summary>From the session into memory, digests included.</summary>
    [Benchmark]
    public void Capture() => _run.Session.Capture(ShortRun.Origin).Dispose();

    /// <summary>From memory to the disk, durably.</summary>
    [Benchmark]
    public void Write() => _folder.Publish(
        _folder.Stage("0123456789ab", 1, 1, 0, _run.Snapshots[0]), SnapshotFolder.FileOf("0123456789ab", 1, 0));

    /// <summary>From the disk, verified.</summary>
    [Benchmark]
    public void Read() => SnapshotBuffer.Read(_folder.Locate(SnapshotFolder.FileOf("0123456789ab", 1, 0))).Dispose();
}
