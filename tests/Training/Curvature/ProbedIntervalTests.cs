using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Sessions;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Curvature;

/// <summary>What <c>curvature probe --top 5 --lambda-min --layers</c> prints, against dense matrices in float64.</summary>
public sealed class ProbedIntervalTests
{
    public static TheoryData<string, string, string, string, string, int> Snapshots
    {
        get
        {
            TheoryData<string, string, string, string, string, int> cases = [];
            foreach ((string model, string normalization) in new[] { ("mlp", "none"), ("mlp", "layer"), ("cnn", "none"), ("cnn", "batch") })
            {
                foreach ((string optimizer, string loss, int step) in new[] { ("heavy-ball", "cross-entropy", 0), ("adam", "cross-entropy", 25), ("sgd", "mse", 6), ("rmsprop", "mse", 12) })
                {
                    cases.Add(model, normalization, step == 12 ? "gelu" : "tanh", optimizer, loss, step);
                }
            }

            cases.Add("mlp", "none", "tanh", "adamw", "cross-entropy", 40);

            // Sure of its examples, and normalised over few units: float32 loses far more here than its own rounding.
            cases.Add("mlp", "none", "gelu", "adam", "cross-entropy", 1500);
            cases.Add("mlp", "layer", "tanh", "adam", "cross-entropy", 1500);
            cases.Add("mlp", "group", "tanh", "heavy-ball", "cross-entropy", 20);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Snapshots))]
    public void Given_a_snapshot_then_every_interval_holds_the_eigenvalue_of_its_rank(
        string model, string normalization, string activation, string optimizer, string loss, int step)
    {
        RunSpecification run = Fixtures.Run(
            Fixtures.Model(model, normalization, activation, hidden: [4], channels: [2, 3]),
            Fixtures.Optimizer(optimizer, learningRate: 0.01),
            loss: loss) with
        {
            Curvature = new() { Enabled = true, Examples = 20, BatchSize = 8, Tolerance = 1e-3, MaximumProducts = 400 },
        };
        run = run with { Training = run.Training with { Steps = Math.Max(run.Training.Steps, step) } };
        DataSplit data = Fixtures.Data();
        using TrainingSession session = TrainingSession.Create(run, data, CPU);
        for (int at = 0; at < step; at++)
        {
            session.Advance();
        }

        using SnapshotBuffer snapshot = session.Capture(Fixtures.Origin);
        var analysis = CurvatureAnalysis.Of(run, data.Train, snapshot, new AnalysisOptions { Top = 5, LambdaMin = true, Layers = true });

        using Tensor dense = DenseHessian.Of(run, data.Train, snapshot);
        using Tensor exact = linalg.eigvalsh(dense);
        double[] truth = [.. exact.data<double>().Reverse()];
        Assert.True(analysis.Converged || step > 40);
        Assert.All(analysis.Largest.Intervals.Zip(truth), pair => Assert.InRange(pair.Second, pair.First.Low, pair.First.High));
        Assert.InRange(truth[^1], analysis.Smallest!.Intervals[0].Low, analysis.Smallest.Intervals[0].High);
        using Float64Loss layout = Float64Loss.OverExamples(run, data.Train, snapshot);
        int offset = 0;
        foreach ((LayerCurvature layer, (string name, int count)) in analysis.Layers!.Zip(layout.Layout))
        {
            using Tensor block = dense.narrow(0, offset, count).narrow(1, offset, count);
            double largest = DenseHessian.LargestEigenvalue(block);
            Assert.True(Math.Abs(largest - layer.Lambda1) <= layer.Residual, $"{name}: {layer.Lambda1} +- {layer.Residual}, exact {largest}");
            offset += count;
        }

        data.Train.Dispose();
        data.Test.Dispose();
    }
}
