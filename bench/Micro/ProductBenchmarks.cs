using BenchmarkDotNet.Attributes;
using CurvatureActors.Hessian.Operators;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Bench.Micro;

/// <summary>What a product with the Hessian costs, in gradients over the same 256 examples.</summary>
public class ProductBenchmarks
{
    private ShortRun _run = null!;
    private Network _network = null!;
    private Tensor[] _parameters = null!;
    private Tensor _images = null!;
    private Tensor _labels = null!;
    private HessianOperator _kept = null!;
    private Tensor _vector = null!;

    /// <summary>Loads a snapshot of a real run.</summary>
    [GlobalSetup]
    public void Setup()
    {
        set_num_threads(1);
        _run = new ShortRun(snapshots: 1);
        ExampleSet train = _run.Data.Train;
        _network = ModelRegistry.Build(_run.Specification.Model, new NetworkOptions(train.Shape, train.Classes, CPU));
        ModelState.Load(_network, _run.Snapshots[0]);
        _parameters = [.. _network.Parameters.Select(parameter => parameter.Value)];
        (_images, _labels) = train.Batch(
            FixedSubset.Draw(train.Count, _run.Specification.Curvature.Examples, _run.Specification.Seed));
        _kept = Operator();
        _vector = randn(_kept.Size);
    }

    /// <summary>Frees everything.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _kept.Dispose();
        _vector.Dispose();
        _images.Dispose();
        _labels.Dispose();
        _network.Dispose();
        _run.Dispose();
    }

    /// <summary>Forward and backward.</summary>
    [Benchmark(Baseline = true)]
    public void Gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (Tensor parameter in _parameters)
        {
            parameter.grad = null;
        }

        Loss().backward();
    }

    /// <summary>Forward, and a backward whose graph is kept.</summary>
    [Benchmark]
    public void KeepGraph() => Operator().Dispose();

    /// <summary>One product on the kept graph.</summary>
    [Benchmark]
    public void HessianVectorProduct() => _kept.Apply(_vector).Dispose();

    private HessianOperator Operator() => new(_parameters, [new LossTerm(Loss, 1)]);

    private Tensor Loss() => LossRegistry.Losses[_run.Specification.Training.Loss](
        _network.Forward(_images, NetworkMode.Measure), _labels);
}
