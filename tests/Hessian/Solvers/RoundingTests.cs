using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests.Solvers;

/// <summary>Intervals of float32 solves against the spectrum of the same matrix, or of the same net, in float64.</summary>
public sealed class RoundingTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<double[]> Spectra => new()
    {
        { [4.0] },
        { [4.0, 4, 4] },
        { [4.0, 1] },
        { [4.0, .. Enumerable.Repeat(0.0, 30)] },
        { [4.0, 4, .. Enumerable.Range(0, 60).Select(i => i / 60.0)] },
        { [4.0, .. Enumerable.Range(0, 60).Select(i => -3.9 * i / 60)] },
        { [1e-3, 5e-4, .. Enumerable.Range(0, 60).Select(i => -40.0 * i / 60)] },
        { [1e20, 1e19, -1e18, 0, 1] },
    };

    public static TheoryData<string, string, double> Weights
    {
        get
        {
            TheoryData<string, string, double> cases = [];
            foreach (string kind in Nets.Kinds)
            {
                foreach (string loss in new[] { "mse", "ce" })
                {
                    foreach (double factor in new[] { 0.1, 1, 4, 16 })
                    {
                        cases.Add(kind, loss, factor);
                    }
                }
            }

            return cases;
        }
    }

    public void Dispose() => _scope.Dispose();

    private static IEnumerable<(string Solver, (double Low, double High) Interval)> Named(
        string solver, IEnumerable<(double Low, double High)> intervals) => intervals.Select(interval => (solver, interval));

    [Theory]
    [MemberData(nameof(Spectra))]
    public void Given_a_matrix_in_float32_then_every_interval_of_every_solver_holds_an_eigenvalue(double[] spectrum)
    {
        for (ulong seed = 0; seed < 10; seed++)
        {
            Tensor rounded = Oracles.Symmetric(spectrum, seed).to(ScalarType.Float32);
            double[] truth = Oracles.Spectrum(rounded.to(ScalarType.Float64));
            using var matrix = new MatrixOperator(rounded);
            int count = Math.Min(2, spectrum.Length);
            var options = new LanczosOptions { Count = count, Seed = seed, ReturnVectors = true };
            using ExtremeEigenResult ends = Lanczos.BothEnds(matrix, options, 1);
            using EigenResult resolved = Multiplicity.Resolve(matrix, Lanczos.Largest(matrix, options), options);
            using EigenResult power = PowerIteration.Dominant(matrix, new PowerIterationOptions { Seed = seed });
            using var tracker = new WarmStartedSolver(new WarmStartOptions { Seed = seed });
            using EigenResult cold = tracker.Update(matrix);
            using EigenResult warm = tracker.Update(matrix);

            foreach ((string solver, (double low, double high)) in Named("ends", ends.Largest.Intervals)
                .Concat(Named("smallest", ends.Smallest.Intervals)).Concat(Named("resolved", resolved.Intervals))
                .Concat(Named("power", power.Intervals))
                .Concat(Named("cold", cold.Intervals)).Concat(Named("warm", warm.Intervals)))
            {
                Assert.True(high > low, $"{solver}: [{low}, {high}] claims to know more than float32 does");
                Assert.Contains(truth, value => low <= value && value <= high);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Weights))]
    public void Given_a_net_in_float32_then_the_intervals_hold_eigenvalues_of_its_float64_hessian(string kind, string loss, double factor)
    {
        Nets net = Nets.Of(kind);
        using (no_grad())
        {
            foreach (Tensor parameter in net.Parameters)
            {
                parameter.mul_(factor);
            }
        }

        (Nets narrow, Nets wide) = (net.Rounded(ScalarType.Float32), net.Rounded(ScalarType.Float64));
        using var measured = new HessianOperator(narrow.Parameters, [new LossTerm(narrow.Loss(loss))]);
        using var exact = new HessianOperator(wide.Parameters, [new LossTerm(wide.Loss(loss))]);
        double[] truth = Oracles.Spectrum(Oracles.Dense(exact));

        using ExtremeEigenResult ends = Lanczos.BothEnds(measured, new LanczosOptions { Count = 3, MaximumProducts = 400 }, 1);

        foreach ((double low, double high) in ends.Largest.Intervals.Concat(ends.Smallest.Intervals))
        {
            Assert.Contains(truth, value => low <= value && value <= high);
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Given_a_semidefinite_matrix_then_lambda_min_is_not_negative(ScalarType type)
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            // A'A of a thin A: rank 5 of 40 by construction, rounded like any product.
            Tensor thin = Oracles.Random(seed, 5, 40).to(type);
            Tensor square = thin.t().mm(thin);
            using var matrix = new MatrixOperator((square + square.t()) / 2);

            using SmallestEigenResult smallest = Lanczos.Smallest(matrix, new LanczosOptions { Seed = seed });

            Assert.True(smallest.LambdaMin >= 0, $"{smallest.LambdaMin:g3}");
            Assert.True(smallest.Intervals[0].Low <= 0 && smallest.Intervals[0].High >= 0);
        }
    }

    [Fact]
    public void Given_a_negative_eigenvalue_above_rounding_then_it_stays_negative()
    {
        using var matrix = new MatrixOperator(Oracles.Symmetric([4, 1, 1, 0, -1e-3], 2).to(ScalarType.Float32));

        using SmallestEigenResult smallest = Lanczos.Smallest(matrix);

        Assert.Equal(-1e-3, smallest.LambdaMin, 1e-5);
        Assert.True(smallest.Intervals[0].High < 0);
    }
}
