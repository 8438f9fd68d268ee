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

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(7, false)]
    [InlineData(7, true)]
    [InlineData(60, true)]
    public void Given_a_tiny_model_then_the_trace_is_exact_and_costs_one_product_a_row(int size, bool plusPlus)
    {
        double[] spectrum = [.. Enumerable.Range(1, size).Select(i => (i % 3 == 0 ? -1 : 1) * 10.0 / i)];
        using var matrix = new MatrixOperator(Oracles.Symmetric(spectrum, 5));
        var counted = new RecordingOperator(matrix);

        Estimate trace = plusPlus ? TraceEstimator.HutchPlusPlus(counted, 60, seed: 1) : TraceEstimator.Hutchinson(counted, 60, seed: 1);

        Assert.Equal(spectrum.Sum(), trace.Value, 1e-11);
        Assert.InRange(trace.StandardError, Math.Abs(spectrum.Sum() - trace.Value), 1e-10);
        Assert.Equal((size, size), (trace.Samples, counted.Count));
    }

    [Fact]
    public void Given_products_in_float32_then_the_error_of_an_exact_trace_holds_their_rounding()
    {
        double[] spectrum = [7.3, 7.3, 0.1, -2.7, 1e-3];
        using Tensor exact = Oracles.Symmetric(spectrum, 5);
        using var matrix = new MatrixOperator(exact.to(ScalarType.Float32));

        Estimate trace = TraceEstimator.HutchPlusPlus(matrix, 60, seed: 1);

        Assert.InRange(trace.StandardError, Math.Abs(spectrum.Sum() - trace.Value), 1e-3);
        Assert.NotEqual(0, trace.StandardError);
    }

    [Theory]
    [InlineData(4, 3)]
    [InlineData(5, 4)]
    [InlineData(8, 7)]
    [InlineData(60, 59)]
    public void Given_more_rows_than_products_then_no_sign_vector_is_drawn_twice_up_to_its_sign(int size, int samples)
    {
        using var matrix = new MatrixOperator(Oracles.Symmetric([.. Enumerable.Range(1, size).Select(i => 1.0 * i)], 5));
        for (ulong seed = 0; seed < 50; seed++)
        {
            var recorded = new RecordingOperator(matrix);
            TraceEstimator.Hutchinson(recorded, samples, seed);
            string[] patterns = [.. recorded.Vectors().unbind(1).Select(vector =>
            {
                double[] signs = Oracles.Numbers(vector);
                Assert.All(signs, sign => Assert.Equal(1, Math.Abs(sign)));
                return string.Concat(signs.Select(sign => sign == signs[0] ? '+' : '-'));
            })];
            Assert.Equal(samples, patterns.Distinct().Count());
        }
    }

    /// <summary>The mean over all samples of 3 of the 8 sign vectors of a 4 x 4 matrix is the trace, and its spread what the error says.</summary>
    [Fact]
    public void Given_draws_without_repetition_then_they_are_unbiased_and_their_error_is_that_of_a_finite_population()
    {
        using var matrix = new MatrixOperator(Oracles.Symmetric([4, 2, -1, 3], 6));
        Estimate[] estimates = [.. Enumerable.Range(0, 4000).Select(seed => TraceEstimator.Hutchinson(matrix, 3, (ulong)seed))];

        double mean = estimates.Average(estimate => estimate.Value);
        double spread = Math.Sqrt(estimates.Average(estimate => Math.Pow(estimate.Value - 8, 2)));
        double stated = Math.Sqrt(estimates.Average(estimate => Math.Pow(estimate.StandardError, 2)));
        Assert.Equal(8, mean, 4 * spread / Math.Sqrt(estimates.Length));
        Assert.Equal(spread, stated, 0.05 * spread);
    }

    [Fact]
    public void Given_too_few_products_then_the_error_says_so()
    {
        using var matrix = new MatrixOperator(eye(3, dtype: ScalarType.Float64));
        Assert.Throws<ArgumentOutOfRangeException>(() => TraceEstimator.Hutchinson(matrix, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => TraceEstimator.HutchPlusPlus(matrix, 2));
    }
}
