using CurvatureActors.Hessian.Operators;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Models;
using CurvatureActors.Training.Tests.Sessions;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Curvature;

/// <summary>Probes that share the memory for the graphs they keep: the bound holds, and no bit of a value depends on it.</summary>
public sealed class SharedGraphMemoryTests : IDisposable
{
    private const long Plenty = 1L << 40;

    private readonly DataSplit _data = new(Fixtures.Images(160, 1, size: 12), Fixtures.Images(29, 2, size: 12));

    public void Dispose()
    {
        _data.Train.Dispose();
        _data.Test.Dispose();
    }

    [Theory]
    [InlineData("wide-resnet", "batch", "adam")]
    [InlineData("cnn", "group", "heavy-ball")]
    [InlineData("densenet", "none", "rmsprop")]
    public void Given_any_bound_then_lambda1_and_all_kinds_are_the_same_to_the_bit_and_the_graphs_within_it(
        string kind, string normalization, string optimizer)
    {
        RunSpecification run = Run(kind, normalization, optimizer);
        using SnapshotBuffer snapshot = After(run, 3);
        GraphBudget unbounded = new(Plenty);
        object[] expected = Everything(run, snapshot, unbounded);
        Assert.True(unbounded.Peak > 0);
        foreach (long bytes in (long[])[0, unbounded.Peak / 3, unbounded.Peak - 1])
        {
            GraphBudget bound = new(bytes);
            Assert.Equal(expected, Everything(run, snapshot, bound));
            Assert.InRange(bound.Peak, 0, bytes);
            Assert.Equal(0, bound.Used);
        }
    }

    [Fact]
    public void Given_smaller_batches_then_more_fits_a_bound_and_the_value_is_that_of_one_batch()
    {
        // Nothing couples the examples: a batch more or less is another order of sums.
        RunSpecification whole = Run("wide-resnet", "none", "sgd", examples: 128, batch: 128);
        RunSpecification parts = Run("wide-resnet", "none", "sgd", examples: 128, batch: 16);
        using SnapshotBuffer snapshot = After(whole, 1);
        GraphBudget unbounded = new(Plenty);
        double expected = Lambda1(whole, snapshot, unbounded);
        GraphBudget half = new(unbounded.Peak / 2);
        GraphBudget same = new(unbounded.Peak / 2);

        Assert.Equal(expected, Lambda1(whole, snapshot, half), 1e-4 * expected);
        Assert.Equal(expected, Lambda1(parts, snapshot, same), 1e-4 * expected);
        Assert.Equal(0, half.Peak);
        Assert.InRange(same.Peak, same.Bytes / 2, same.Bytes);
    }

    [Fact]
    public async Task Given_probes_on_several_threads_then_all_come_to_an_end_within_the_bound_with_the_values_of_one_alone()
    {
        RunSpecification run = Run("cnn", "batch", "adamw");
        using SnapshotBuffer snapshot = After(run, 2);
        GraphBudget unbounded = new(Plenty);
        double expected = Lambda1(run, snapshot, unbounded);
        GraphBudget bound = new(unbounded.Peak * 3 / 2);

        double[][] found = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            () => Enumerable.Range(0, 5).Select(_ => Lambda1(run, snapshot, bound)).ToArray(), TestContext.Current.CancellationToken)));

        Assert.All(found.SelectMany(values => values), value => Assert.Equal(expected, value));
        Assert.InRange(bound.Peak, 1, bound.Bytes);
        Assert.Equal(0, bound.Used);
    }

    [Theory]
    [InlineData("hessian")]
    [InlineData("gauss-newton")]
    public void Given_an_analysis_then_its_graphs_are_within_the_bound_and_its_values_the_same(string matrix)
    {
        RunSpecification run = Run("mlp", "none", "sgd");
        using SnapshotBuffer snapshot = After(run, 2);
        GraphBudget unbounded = new(Plenty);
        GraphBudget bound = new(0);
        CurvatureAnalysis[] both = [.. new[] { unbounded, bound }.Select(graphs => CurvatureAnalysis.Of(
            run, _data.Train, snapshot, new AnalysisOptions { Operator = matrix, Top = 3, Layers = true, Graphs = graphs }))];

        Assert.Equal(both[0].Largest.Values, both[1].Largest.Values);
        Assert.Equal(both[0].Layers!.Select(layer => layer.Lambda1), both[1].Layers!.Select(layer => layer.Lambda1));
        Assert.True(unbounded.Peak > 0);
        Assert.Equal((0, 0, 0), (bound.Peak, bound.Used, unbounded.Used));
    }

    private double Lambda1(RunSpecification run, SnapshotBuffer snapshot, GraphBudget graphs)
    {
        using var probe = new CurvatureProbe(run, _data.Train, graphs);
        return probe.MeasureCold(snapshot).Lambda1;
    }

    private object[] Everything(RunSpecification run, SnapshotBuffer snapshot, GraphBudget graphs)
    {
        using var probe = new CurvatureProbe(run, _data.Train, graphs);
        CurvatureMeasurement cold = probe.MeasureCold(snapshot);
        CurvatureMeasurement remedy = probe.MeasureForRemedy(snapshot);
        SnapshotMeasurements warm = probe.Measure(snapshot, lambda1: true,
        [
            new("layers", []), new("batch-sharpness", [new("batches", 2)]), new("directional", [new("count", 2)]),
        ]);
        Assert.All(warm.Kinds, kind => Assert.Null(kind.Failure));
        return
        [
            cold with { Seconds = 0 }, remedy with { Seconds = 0 }, warm.Lambda1! with { Seconds = 0 },
            .. warm.Kinds.SelectMany(kind => kind.Values),
        ];
    }

    private SnapshotBuffer After(RunSpecification run, int steps)
    {
        using TrainingSession session = TrainingSession.Create(run, _data, CPU);
        for (int step = 0; step < steps; step++)
        {
            session.Advance();
        }

        return session.Capture(Fixtures.Origin);
    }

    private static RunSpecification Run(string kind, string normalization, string optimizer, int examples = 60, int batch = 16) => Fixtures.Run(
        Fixtures.Model(kind, normalization, "tanh", hidden: [6], channels: [4, 4]) with
        {
            FusedNormalization = normalization == "group",
            WideResNet = kind == "wide-resnet" ? ModelSamples.WideResNet(10, 1, 4) : null,
            DenseNet = kind == "densenet" ? new() { GrowthRate = 2, BlockLayers = 1 } : null,
        },
        Fixtures.Optimizer(optimizer, 0.01)) with
    {
        Curvature = new() { Enabled = true, Examples = examples, BatchSize = batch, Tolerance = 1e-3, MaximumProducts = 40 },
    };
}
