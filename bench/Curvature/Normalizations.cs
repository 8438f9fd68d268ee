using CurvatureActors.Bench.Workloads;
using CurvatureActors.Hessian.Operators;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Bench.Curvature;

/// <summary>What layer and group normalisation cost written from primitives, in what torch's kernels cost in the same round.</summary>
internal static class Normalizations
{
    private const int Rounds = 25;

    private static readonly (string Name, Func<NetworkOptions, Layer> Create, long[] Shape)[] Layers =
    [
        ("layer norm, positions [64, 64, 64]", options => new LayerNormalization([64], options), [64, 64, 64]),
        ("layer norm, images [64, 16, 28, 28]", options => new LayerNormalization([16, 28, 28], options), [64, 16, 28, 28]),
        ("group norm, images [64, 16, 28, 28]", options => new GroupNormalization(16, options), [64, 16, 28, 28]),
    ];

    private static readonly (string Name, string[] Settings)[] Models =
    [
        ("CNN of the quickstart, layer norm", ["model.normalization=layer"]),
        ("CNN of the quickstart, group norm", ["model.normalization=group"]),
        ("wide residual net 10-1, 8 channels, group norm", ["model.kind=wide-resnet", "model.wide-resnet.depth=10", "model.wide-resnet.width-factor=1", "model.wide-resnet.base-channels=8", "model.normalization=group"]),
        ("transformer on patches, layer norm", ["model.kind=transformer", "model.normalization=layer"]),
    ];

    internal static void Run()
    {
        Console.WriteLine($"Primitives against kernels, processor time, medians of {Rounds} rounds in which both take turns:");
        Console.WriteLine("| what | gradient | Hessian-vector product, graph kept |");
        Console.WriteLine("|---|---|---|");
        foreach ((string name, Func<NetworkOptions, Layer> create, long[] shape) in Layers)
        {
            NetworkOptions options = new(new VectorShape(1), 1, CPU);
            using Layer kernel = create(options with { FusedNormalization = true });
            using Layer primitives = create(options);
            using Tensor input = randn(shape, requires_grad: true);
            Console.WriteLine($"| {name} | {Ratio(() => Gradient(kernel, input), () => Gradient(primitives, input))} | |");
        }

        foreach ((string name, string[] settings) in Models)
        {
            RunSpecification run = Experiments.Create(settings).Runs[0].Specification;
            using Subject kernels = new(run, 64, 64);
            using Subject primitives = new(run with { Model = run.Model with { FusedNormalization = false } }, 64, 64);
            string gradient = Ratio(kernels.Gradient, primitives.Gradient);
            using HessianOperator first = kernels.Hessian();
            using HessianOperator second = primitives.Hessian();
            using Tensor vector = randn(first.Size);
            Console.WriteLine($"| {name} | {gradient} | {Ratio(() => first.Apply(vector).Dispose(), () => second.Apply(vector).Dispose())} |");
        }
    }

    private static void Gradient(Layer layer, Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        layer.Forward(input, NetworkMode.Train).sum().backward();
        input.grad = null;
    }

    private static string Ratio(Action kernels, Action primitives)
    {
        double[] ratios = [.. Enumerable.Range(0, Rounds + 2).Select(_ =>
        {
            double first = Time(kernels);
            return Time(primitives) / first;
        }).Skip(2)];
        return Spread.Of(ratios).Show("f2");
    }

    /// <summary>Processor time: other programs take the machine away for longer than this work takes.</summary>
    private static double Time(Action work)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        work();
        return (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }
}
