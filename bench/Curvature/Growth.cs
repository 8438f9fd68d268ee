using System.Diagnostics;
using System.Globalization;
using CurvatureActors.Bench.Memory;
using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;

namespace CurvatureActors.Bench.Curvature;

/// <summary>lambda1 of a large model over many images, and how cost grows with parameters, examples and eigenvalues.</summary>
internal static class Growth
{
    private static readonly LanczosOptions Solver = new() { Tolerance = 1e-3, MaximumProducts = 200, Seed = 1 };

    internal static void Run()
    {
        Console.WriteLine("lambda1 to a residual of 1e-3 from a cold start; time in that of one gradient over the same images, memory in use in native code:");
        Console.WriteLine("| model | parameters | examples | values | products | seconds | in gradients | products only, per product | graphs held, MB | graph of one gradient, MB |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        Row("large", Mlp(768, 512), examples: 5000, batch: 500, count: 1);
        foreach (int width in new[] { 64, 256, 1024 })
        {
            Row($"MLP, width {width}", Mlp(width, width), examples: 1000, batch: 500, count: 1);
        }

        foreach (int examples in new[] { 500, 1000, 2000, 4000 })
        {
            Row("MLP, examples", Mlp(256, 256), examples, batch: 500, count: 1);
        }

        foreach (int count in new[] { 1, 2, 5, 10 })
        {
            Row("MLP, eigenvalues", Mlp(256, 256), examples: 1000, batch: 500, count);
        }
    }

    private static string[] Mlp(int first, int second) => ["model.kind=mlp", $"model.hidden=[{first}, {second}]"];

    private static void Row(string name, string[] settings, int examples, int batch, int count)
    {
        using Subject subject = new(examples, batch, settings);
        subject.Gradient();
        double gradient = Enumerable.Range(0, 3).Min(_ => Time(subject.Gradient));
        double graph = subject.ForwardMegabytes();
        double before = NativeHeap.InUseMegabytes();
        long started = Stopwatch.GetTimestamp();
        using HessianOperator hessian = subject.Hessian();
        double built = Stopwatch.GetElapsedTime(started).TotalSeconds;
        double held = NativeHeap.InUseMegabytes() - before;
        using EigenResult result = Lanczos.Largest(hessian, Solver with { Count = count });
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {subject.Size} | {examples} | {count} | {result.Products}{(result.Converged ? "" : " (not converged)")} | {seconds:f2} | {seconds / gradient:f1} | {(seconds - built) / result.Products / gradient:f2} | {held:f1} | {graph:f1} |"));
    }

    private static double Time(Action work)
    {
        long started = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
