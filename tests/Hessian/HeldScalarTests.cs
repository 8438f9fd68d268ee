using CurvatureActors.Hessian.Estimators;
using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests;

/// <summary>
/// Numbers that reach libtorch live until it has read them, whatever the garbage collector does meanwhile. A Scalar that
/// nobody holds is finalised under the native call, which then says "Unknown scalar type" or computes with what lies there.
/// </summary>
public sealed class HeldScalarTests
{
    private const int Threads = 4;
    private const int Rounds = 300;

    // More threads than cores, so that some are always stopped between the number and its use.
    [Fact]
    public void Given_collections_and_finalisers_all_the_time_then_every_answer_is_the_same_to_the_bit()
    {
        double[] quiet = Answers();
        using var done = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!done.IsCancellationRequested)
            {
                GC.Collect(0, GCCollectionMode.Forced, blocking: true);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            var failures = new System.Collections.Concurrent.ConcurrentQueue<string>();
            Thread[] workers = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
            {
                for (int round = 0; round < Rounds && failures.IsEmpty; round++)
                {
                    try
                    {
                        double[] now = Answers();
                        if (!now.SequenceEqual(quiet))
                        {
                            failures.Enqueue($"round {round}: [{string.Join(", ", now)}], and quietly [{string.Join(", ", quiet)}]");
                        }
                    }
                    catch (Exception failure)
                    {
                        failures.Enqueue($"round {round}: {failure.Message}");
                    }
                }
            }))];
            Array.ForEach(workers, worker => worker.Start());
            Array.ForEach(workers, worker => worker.Join());
            Assert.Empty(failures);
        }
        finally
        {
            done.Cancel();
            collector.Join();
        }
    }

    /// <summary>A number of everything in the library that hands numbers to libtorch.</summary>
    private static double[] Answers()
    {
        using DisposeScope scope = NewDisposeScope();
        using var matrix = new MatrixOperator(diag(tensor([5.0, 3, 2, 1, 0.5, -1])));
        var shifted = new ShiftedOperator(new ScaledOperator(matrix, 0.5), 0.25);
        var sum = new SumOperator(shifted, matrix);
        using EigenResult largest = Lanczos.Largest(sum, new LanczosOptions { Seed = 1 });
        using EigenResult power = PowerIteration.Dominant(sum, new PowerIterationOptions { Seed = 2, MaximumProducts = 5 });
        using var warm = new WarmStartedSolver(new WarmStartOptions { Seed = 3 });
        using EigenResult first = warm.Update(sum);
        using EigenResult second = warm.Update(shifted);
        using Tensor parameter = tensor([0.5, -0.25]).requires_grad_();
        using var hessian = new HessianOperator(
            [parameter], [new LossTerm(() => (parameter * parameter * parameter).sum(), 0.75)]);
        Tensor product = hessian.Apply(ones(2, dtype: ScalarType.Float64));
        return
        [
            largest.Lambda1, power.Lambda1, first.Lambda1, second.Lambda1,
            TraceEstimator.HutchPlusPlus(sum, 5, 4).Value,
            LanczosQuadrature.From(sum, ones(6, dtype: ScalarType.Float64), 3).Integrate(node => node),
            .. product.data<double>(),
        ];
    }
}
