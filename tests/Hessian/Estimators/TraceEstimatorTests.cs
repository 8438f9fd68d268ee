using CurvatureActors.Hessian.Estimators;
using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests.Estimators;

public sealed class TraceEstimatorTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Given_a_diagonal_matrix_then_one_sample_is_exact()
    {
        using var matrix = new MatrixOperator(diag(tensor(new[] { 3.0, -1, 7, 0.5 })));

        Assert.Equal(9.5, TraceEstimator.Hutchinson(matrix, 1, seed: 3).Value, 1e-12);
        Assert.Equal(0, TraceEstimator.Hutchinson(matrix, 8, seed: 3).StandardError, 1e-12);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Given_a_prescribed_spectrum_then_the_trace_is_within_4_standard_errors_for_each_seed(bool plusPlus)
    {
        double[] spectrum = [.. Enumerable.Range(1, 120).Select(i => 50.0 / (i * i)), -3, -1];
        using var matrix = new MatrixOperator(Oracles.Symmetric(spectrum, 11));
        double exact = spectrum.Sum();

        for (ulong seed = 0; seed < 30; seed++)
        {
            Estimate trace = plusPlus
                ? TraceEstimator.HutchPlusPlus(matrix, 60, seed)
                : TraceEstimator.Hutchinson(matrix, 60, seed);
            Assert.InRange(trace.Value, exact - (4.5 * trace.StandardError), exact + (4.5 * trace.StandardError));
        }
    }

    [Fact]
    public void Given_few_dominating_eigenvalues_then_hutch_plus_plus_is_far_closer_for_the_same_products()
    {
        double[] spectrum = [100, 60, 30, .. Enumerable.Repeat(0.01, 200)];
        using var matrix = new MatrixOperator(Oracles.Symmetric(spectrum, 12));
        double exact = spectrum.Sum();

        double Error(Func<ulong, Estimate> estimate) => Enumerable.Range(0, 20)
            .Average(seed => Math.Abs(estimate((ulong)seed).Value - exact));

        double plain = Error(seed => TraceEstimator.Hutchinson(matrix, 30, seed));
        double better = Error(seed => TraceEstimator.HutchPlusPlus(matrix, 30, seed));
        Assert.True(better < plain / 20, $"{better} against {plain}");
    }

    [Fact]
    public void Given_a_low_rank_matrix_then_hutch_plus_plus_is_exact()
    {
        using var matrix = new MatrixOperator(Oracles.Symmetric([5, -2, .. Enumerable.Repeat(0.0, 48)], 13));

        Estimate trace = TraceEstimator.HutchPlusPlus(matrix, 12, seed: 1);

        Assert.Equal(3, trace.Value, 1e-9);
        Assert.Equal(0, trace.StandardError, 1e-9);
    }

    [Fact]
    public void Given_softmax_regression_at_zero_weights_then_the_trace_is_the_closed_form()
    {
        const int Examples = 40, Features = 6, Classes = 5;
        Tensor x = Oracles.Random(14, Examples, Features);
        Tensor y = arange(Examples, dtype: ScalarType.Int64) % Classes;
        Tensor weights = zeros(Classes, Features, dtype: ScalarType.Float64, requires_grad: true);
        using var hessian = new HessianOperator(
            [weights], [new LossTerm(() => nn.functional.cross_entropy(x.mm(weights.t()), y))]);

        double exact = (1 - (1.0 / Classes)) * (x * x).sum(1).mean().item<double>();

        // Exact up to rounding: a sample for every basis vector of the range.
        Assert.Equal(exact, TraceEstimator.HutchPlusPlus(hessian, 3 * Classes * Features, seed: 2).Value, exact * 1e-9);
    }

    [Fact]
    public void Given_too_few_products_then_the_error_says_so()
    {
        using var matrix = new MatrixOperator(eye(3, dtype: ScalarType.Float64));
        Assert.Throws<ArgumentOutOfRangeException>(() => TraceEstimator.Hutchinson(matrix, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => TraceEstimator.HutchPlusPlus(matrix, 2));
    }
}
