using System.Diagnostics;
using CurvatureActors.Hessian.Operators;
using static TorchSharp.torch;

namespace CurvatureActors.Bench.Curvature;

/// <summary>What products cost in gradients of the same loss: floors are 2 on a kept graph and 4/3 for Gauss-Newton.</summary>
internal static class Ratios
{
    private const int Rounds = 15;

    private static readonly (string Name, string[] Settings)[] Models =
    [
        ("MLP 784-256-256-10", ["model.kind=mlp", "model.hidden=[256, 256]"]),
        ("CNN of the quickstart", []),
        ("wide residual net 10-1, 8 channels", ["model.kind=wide-resnet", "model.wide-resnet.depth=10", "model.wide-resnet.base-channels=8", "model.normalization=batch"]),
        ("transformer on patches", ["model.kind=transformer"]),
    ];

    internal static void Run()
    {
        Console.WriteLine($"256 images, one batch; each a median of {Rounds} rounds in which all take turns, in gradients of the round:");
        Console.WriteLine("| model | parameters | gradient, ms | Hessian, kept graph | Gauss-Newton | differences, central | Hessian, graph rebuilt |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach ((string name, string[] settings) in Models)
        {
            using Subject subject = new(256, 256, settings);
            // Differences move the parameters, which kept graphs do not survive.
            using Subject moved = new(256, 256, settings);
            using FiniteDifferenceHessianOperator differences = moved.FiniteDifferences();
            using HessianOperator kept = subject.Hessian();
            using GaussNewtonOperator gaussNewton = subject.GaussNewton();
            using HessianOperator rebuilt = subject.Hessian(new OperatorOptions { GraphMemory = 0 });
            using Tensor vector = randn(kept.Size);
            Action[] work =
            [
                subject.Gradient,
                () => kept.Apply(vector).Dispose(),
                () => gaussNewton.Apply(vector).Dispose(),
                () => differences.Apply(vector).Dispose(),
                () => rebuilt.Apply(vector).Dispose(),
            ];
            double[][] times = [.. Enumerable.Range(0, Rounds + 2).Select(_ => work.Select(Time).ToArray())];
            times = times[2..];
            string[] cells =
            [
                $"{Spread.Of(times.Select(round => 1e3 * round[0])).Median:f1}",
                .. Enumerable.Range(1, work.Length - 1).Select(i => Spread.Of(times.Select(round => round[i] / round[0])).Show("f2")),
            ];
            Console.WriteLine($"| {name} | {subject.Size} | {string.Join(" | ", cells)} |");
        }
    }

    private static double Time(Action work)
    {
        long started = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
