using System.Globalization;
using CurvatureActors.Bench.Micro;
using CurvatureActors.Bench.Workloads;
using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Bench.Products;

/// <summary>
/// Hessian-vector products until lambda1 of a snapshot is within 1 %, 0.1 % and 1e-6 of the true one, and until the
/// solver stops by itself, along a real run. Counts, not times: the machine's load does not matter.
/// </summary>
internal static class ProductCounts
{
    private static readonly double[] Errors = [1e-2, 1e-3, 1e-6];

    internal static void Run(int steps, bool power)
    {
        RunSpecification specification = Experiments.Create("training.steps=2000").Runs[0].Specification;
        DataSplit data = DataSets.Load(specification.Data);
        using TrainingSession session = TrainingSession.Create(specification, data, CPU);
        SortedDictionary<int, SnapshotBuffer> snapshots = [];
        for (int step = 0; step <= steps; step++)
        {
            if (step % 10 == 0 || step <= 20 || step > steps - 20)
            {
                snapshots[step] = session.Capture(ShortRun.Origin);
            }

            session.Advance();
        }

        using var loss = new MeasuredLoss(specification, data.Train);
        Dictionary<int, double> truth = snapshots.ToDictionary(pair => pair.Key, pair => Of(loss, pair.Value, target =>
        {
            using EigenResult result = Lanczos.Largest(target, new LanczosOptions { Tolerance = 1e-6, MaximumProducts = 300, Seed = 99 });
            return result.Lambda1;
        }));
        Console.WriteLine(FormattableString.Invariant(
            $"lambda1 from {truth.Values.Min():G4} to {truth.Values.Max():G4}; products: median, 90th percentile"));
        Console.WriteLine("| snapshots | solver | to 1 % | to 0.1 % | to 1e-6 | until it stops | error when it stops | not converged |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        double tolerance = specification.Curvature.Tolerance;
        foreach ((string name, int[] window) in new (string, int[])[]
        {
            ("every step, 0 to 20", [.. Enumerable.Range(0, 21)]),
            (Text($"every step, {steps - 20} to {steps}"), [.. Enumerable.Range(steps - 20, 21)]),
            (Text($"every 10th, 0 to {steps}"), [.. Enumerable.Range(0, steps / 10 + 1).Select(i => 10 * i)]),
        })
        {
            List<(int, SnapshotBuffer)> taken = [.. window.Select(step => (step, snapshots[step]))];
            Report(name, Text($"cold, {tolerance}"), loss, taken, truth, target => Lanczos.Largest(
                target, new LanczosOptions { Tolerance = tolerance, MaximumProducts = 60, Seed = 7 }));
            Report(name, "cold, 1e-5", loss, taken, truth, target => Lanczos.Largest(
                target, new LanczosOptions { Tolerance = 1e-5, MaximumProducts = 60, Seed = 7 }));
            foreach (WarmStartOptions options in Variants(tolerance))
            {
                using var solver = new WarmStartedSolver(options);
                Report(name, Text($"warm, {options.Tolerance}{(options.ValueTolerance is { } error ? $", value {error}" : "")}"), loss, taken, truth, solver.Update);
            }

            if (power)
            {
                List<(int, SnapshotBuffer)> some = [.. taken.Where((_, index) => index % 5 == 1)];
                Report(name, Text($"power, {tolerance}"), loss, some, truth, target => PowerIteration.Dominant(
                    target, new PowerIterationOptions { Tolerance = tolerance, MaximumProducts = 300 }), ritz: false);
            }
        }

        foreach (SnapshotBuffer snapshot in snapshots.Values)
        {
            snapshot.Dispose();
        }
    }

    private static IEnumerable<WarmStartOptions> Variants(double tolerance) =>
    [
        new() { Tolerance = tolerance },
        new() { Tolerance = tolerance, ValueTolerance = tolerance },
        new() { Tolerance = 1e-5 },
    ];

    private static void Report(
        string window,
        string solver,
        MeasuredLoss loss,
        List<(int Step, SnapshotBuffer Snapshot)> snapshots,
        Dictionary<int, double> truth,
        Func<ISymmetricOperator, EigenResult> solve,
        bool ritz = true)
    {
        List<double>[] needed = [.. Errors.Select(_ => new List<double>())];
        List<double> used = [];
        List<double> error = [];
        int open = 0;
        foreach ((int step, SnapshotBuffer snapshot) in snapshots)
        {
            _ = Of(loss, snapshot, target =>
            {
                using var recording = new RecordingOperator(target);
                using EigenResult result = solve(recording);
                double Off(double value) => Math.Abs(value - truth[step]) / Math.Abs(truth[step]);
                double[] off = [.. (ritz ? recording.RitzValues() : recording.Quotients()).Select(Off)];
                if (result.Start.StartsWith("cold", StringComparison.Ordinal))
                {
                    return 0;
                }

                for (int i = 0; i < Errors.Length; i++)
                {
                    int reached = Array.FindIndex(off, value => value <= Errors[i]);
                    needed[i].Add(reached < 0 ? double.PositiveInfinity : reached + 1);
                }

                used.Add(recording.Count);
                error.Add(Off(result.Lambda1));
                open += result.Converged ? 0 : 1;
                return 0;
            });
        }

        string counts = string.Join(" | ", needed.Append(used).Select(
            list => Text($"{Quantile(list, 0.5):0.#}, {Quantile(list, 0.9):0.#}")));
        Console.WriteLine(Text($"| {window} | {solver} | {counts} | {Quantile(error, 0.5):E1}, {error.Max():E1} | {open} of {used.Count} |"));
    }

    private static double Of(MeasuredLoss loss, SnapshotBuffer snapshot, Func<ISymmetricOperator, double> use)
    {
        using DisposeScope scope = NewDisposeScope();
        using HessianOperator hessian = loss.At(snapshot);
        return use(hessian);
    }

    /// <summary>The smallest entry that at least this share of all do not exceed.</summary>
    private static double Quantile(List<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
