using System.Diagnostics;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Training.Tests.Sessions;

/// <summary>
/// Measurements, not tests. Run with <c>dotnet run -c Release --project tests/Training -- -explicit only -class
/// CurvatureActors.Training.Tests.Sessions.SpeedMeasurement -showliveoutput</c>.
/// </summary>
public class SpeedMeasurement(ITestOutputHelper output)
{
    private const int Batch = 64;
    private const int Blocks = 60;
    private const int StepsPerBlock = 50;

    /// <summary>
    /// Steps per second of a session against the loop one would write by hand, in turns of a few steps. Processor time
    /// beside wall-clock time, since that is what counts on a machine with other work.
    /// </summary>
    [Theory(Explicit = true)]
    [InlineData("sgd")]
    [InlineData("heavy-ball")]
    [InlineData("adam")]
    public void Session_against_bare_loop(string optimizer)
    {
        set_num_threads(1);
        using ImageDataSet images = Fixtures.Images(5000, 1, size: 28, classes: 10);
        using TrainingSession session = TrainingSession.Create(Run(optimizer), new DataSplit(images, images), CPU);
        using Sequential network = Sequential(
            Conv2d(1, 8, 3, stride: 2, padding: 1),
            ReLU(),
            Conv2d(8, 16, 3, stride: 2, padding: 1),
            ReLU(),
            nn.Flatten(),
            Linear(16 * 7 * 7, 10));
        using optim.Optimizer bare = optimizer switch
        {
            "sgd" => optim.SGD(network.parameters(), 1e-3),
            "heavy-ball" => optim.SGD(network.parameters(), 1e-3, momentum: 0.9),
            _ => optim.Adam(network.parameters(), 1e-3),
        };
        Random random = new(1);
        long[] indices = new long[Batch];
        List<(double Bare, double Session)> wall = [];
        List<(double Bare, double Session)> processor = [];
        for (int block = -5; block < Blocks; block++)
        {
            (double bareWall, double bareProcessor) = Time(() =>
            {
                using DisposeScope scope = NewDisposeScope();
                for (int i = 0; i < Batch; i++)
                {
                    indices[i] = random.Next(images.Count);
                }

                (Tensor x, Tensor y) = images.Batch(indices);
                bare.zero_grad();
                Tensor loss = functional.cross_entropy(network.forward(x), y);
                loss.backward();
                bare.step();
                loss.item<float>();
            });
            (double sessionWall, double sessionProcessor) = Time(() => session.Advance());
            if (block >= 0)
            {
                wall.Add((bareWall, sessionWall));
                processor.Add((bareProcessor, sessionProcessor));
            }
        }

        Report("wall clock", wall);
        Report("processor", processor);

        void Report(string what, List<(double Bare, double Session)> seconds) => output.WriteLine(
            $"{optimizer}, {what}: bare {StepsPerBlock / Median(seconds.Select(s => s.Bare)):F0} steps/s, session "
            + $"{StepsPerBlock / Median(seconds.Select(s => s.Session)):F0} steps/s, median ratio "
            + $"{Median(seconds.Select(s => s.Bare / s.Session)):F3}");
    }

    /// <summary>Resident memory over many steps with captures, and what a capture costs.</summary>
    [Fact(Explicit = true)]
    public void Memory_over_many_steps()
    {
        using ImageDataSet images = Fixtures.Images(5000, 1, size: 28, classes: 10);
        using SnapshotPool pool = new();
        using TrainingSession session = TrainingSession.Create(Run("adam"), new DataSplit(images, images), CPU, pool);
        Stopwatch capture = new();
        for (int step = 0; step < 5000; step++)
        {
            if (step % 1000 == 0)
            {
                using Process process = Process.GetCurrentProcess();
                output.WriteLine($"step {step}: resident {process.WorkingSet64 / 1e6:F1} MB, managed {GC.GetTotalMemory(true) / 1e6:F1} MB");
            }

            session.Advance();
            capture.Start();
            using SnapshotBuffer snapshot = session.Capture(Fixtures.Origin);
            capture.Stop();
        }

        output.WriteLine($"capture: {capture.Elapsed.TotalMilliseconds / 5000:F3} ms of {session.ParameterCount} parameters");
    }

    /// <summary>A snapshot beyond the 2 GB that a span can hold.</summary>
    [Fact(Explicit = true)]
    public void Snapshot_over_two_gigabytes()
    {
        using ImageDataSet images = Fixtures.Images(64, 1, size: 28, classes: 10);
        RunSpecification run = Fixtures.Run(Fixtures.Model("mlp", hidden: [23000, 23000]));
        using SnapshotPool pool = new(keep: 0);
        using TrainingSession session = TrainingSession.Create(run, new DataSplit(images, images), CPU, pool);
        using SnapshotBuffer snapshot = session.Capture(Fixtures.Origin);
        Assert.True(snapshot.Length > 1L << 31);
        Assert.Equal(session.ParametersSha256(), snapshot.ParametersSha256());
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream stream = File.Create(path))
            {
                snapshot.WriteTo(stream);
            }

            using SnapshotBuffer read = SnapshotBuffer.Read(path, pool);
            Assert.Equal(snapshot.Sha256, read.Sha256);
            session.Restore(read);
            Assert.Equal(snapshot.ParametersSha256(), session.ParametersSha256());
            output.WriteLine($"{snapshot.Length} bytes written, read, restored");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static RunSpecification Run(string optimizer) => Fixtures.Run(
        Fixtures.Model(channels: [8, 16], hidden: []),
        Fixtures.Optimizer(optimizer, 1e-3),
        steps: int.MaxValue,
        batchSize: Batch);

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static (double Wall, double Processor) Time(Action step)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        Stopwatch watch = Stopwatch.StartNew();
        for (int i = 0; i < StepsPerBlock; i++)
        {
            step();
        }

        return (watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
    }
}
