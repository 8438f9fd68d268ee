using System.Diagnostics;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Training.Tests.Sessions;

/// <summary>
/// Steps per second of a session against the loop one would write by hand. A measurement, not a test: run with
/// <c>dotnet run -c Release --project tests/Training -- -explicit only -class *SpeedMeasurement -showliveoutput</c>.
/// </summary>
public class SpeedMeasurement(ITestOutputHelper output)
{
    private const int Batch = 64;
    private const int Rounds = 7;
    private const int Steps = 300;

    [Theory(Explicit = true)]
    [InlineData("sgd")]
    [InlineData("heavy-ball")]
    [InlineData("adam")]
    public void Session_against_bare_loop(string optimizer)
    {
        set_num_threads(1);
        using ImageDataSet images = Fixtures.Images(5000, 1, size: 28, classes: 10);
        RunSpecification run = Fixtures.Run(
            Fixtures.Model(channels: [8, 16], hidden: []),
            Fixtures.Optimizer(optimizer, 1e-3),
            steps: int.MaxValue,
            batchSize: Batch);
        using TrainingSession session = TrainingSession.Create(run, new DataSplit(images, images), CPU);
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
        List<double> ratios = [];
        for (int round = -1; round < Rounds; round++)
        {
            Stopwatch watch = Stopwatch.StartNew();
            for (int step = 0; step < Steps; step++)
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
            }

            double bareRate = Steps / watch.Elapsed.TotalSeconds;
            watch.Restart();
            for (int step = 0; step < Steps; step++)
            {
                session.Advance();
            }

            double sessionRate = Steps / watch.Elapsed.TotalSeconds;
            if (round >= 0)
            {
                ratios.Add(sessionRate / bareRate);
                output.WriteLine($"{optimizer}: bare {bareRate:F0}/s, session {sessionRate:F0}/s, ratio {ratios[^1]:F3}");
            }
        }

        output.WriteLine($"{optimizer}: median ratio {ratios.Order().ElementAt(Rounds / 2):F3}");
    }
}
