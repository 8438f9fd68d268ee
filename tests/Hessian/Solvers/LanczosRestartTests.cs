using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests.Solvers;

public sealed class LanczosRestartTests : IDisposable
{
    private static readonly double[] Indefinite =
        [10, 8.5, 7.5, .. Enumerable.Range(0, 195).Select(i => 5 * Math.Sin(i)), -40, -60];

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(6, 1)]
    [InlineData(6, 3)]
    [InlineData(8, 3)]
    [InlineData(10, 2)]
    public void Given_a_small_basis_then_it_finds_the_pairs_that_a_dense_solver_finds(int basis, int count)
    {
        Tensor dense = Oracles.Symmetric(Indefinite, 1);
        double[] expected = Oracles.Spectrum(dense);
        using var matrix = new MatrixOperator(dense);

        using EigenResult result = Lanczos.Largest(matrix, new LanczosOptions
        {
            Count = count,
            Tolerance = 1e-8,
            MaximumBasis = basis,
            MaximumProducts = 600,
            ReturnVectors = true,
        });

        Assert.True(result.Converged);
        Assert.True(result.Products > 2 * basis, "the test is about restarts");
        for (int i = 0; i < count; i++)
        {
            Tensor vector = result.Vectors![i];
            Assert.Equal(expected[i], result.Values[i], 1e-10);
            Assert.Equal(
                linalg.vector_norm(dense.mv(vector) - vector * result.Values[i]).item<double>(), result.Residuals[i], 1e-10);
        }

        Assert.True(Oracles.Difference(result.Vectors!.mm(result.Vectors.t()), eye(count, dtype: ScalarType.Float64)) < 1e-12);
        Assert.Equal(-60, result.Smallest, 0.1);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(9)]
    public void Given_too_few_products_then_the_residual_after_restarts_is_still_the_true_one(int basis)
    {
        Tensor dense = Oracles.Symmetric(Indefinite, 2);
        using var matrix = new MatrixOperator(dense);

        using EigenResult result = Lanczos.Largest(
            matrix, new LanczosOptions { Count = 2, MaximumBasis = basis, MaximumProducts = 21, ReturnVectors = true, Tolerance = 1e-9 });

        Assert.False(result.Converged);
        Assert.Equal(21, result.Products);
        for (int i = 0; i < 2; i++)
        {
            Tensor vector = result.Vectors![i];
            double residual = linalg.vector_norm(dense.mv(vector) - vector * result.Values[i]).item<double>();
            Assert.Equal(residual, result.Residuals[i], 1e-10);
            Assert.True(residual > 1e-6, "the test is about a residual that is not just rounding");
        }
    }

    [Fact]
    public void Given_a_basis_larger_than_needed_then_every_bit_is_as_without_a_bound()
    {
        using var matrix = new MatrixOperator(Oracles.Symmetric(Indefinite, 3));

        using EigenResult free = Lanczos.Largest(matrix);
        using EigenResult bounded = Lanczos.Largest(matrix, new LanczosOptions { MaximumBasis = 99 });

        Assert.True(free.Products < 99);
        Assert.Equal(free.Values, bounded.Values);
        Assert.Equal(free.Residuals, bounded.Residuals);
    }

    [Fact]
    public void Given_a_start_in_an_invariant_subspace_then_the_search_goes_on_outside_of_it_through_restarts()
    {
        double[] spectrum = [20, 15, .. Enumerable.Range(0, 118).Select(i => 9 - i / 12.0)];
        using var matrix = new MatrixOperator(diag(tensor(spectrum)));

        // Five eigenvectors, neither the first nor the second among them.
        Tensor start = zeros(120, dtype: ScalarType.Float64);
        start.narrow(0, 5, 5).fill_(1);

        using EigenResult result = Lanczos.Largest(
            matrix, new LanczosOptions { Count = 2, Tolerance = 1e-9, MaximumBasis = 7, MaximumProducts = 400, Start = start });

        Assert.True(result.Converged);
        Assert.True(result.Products > 14, "the test is about restarts");
        Assert.Equal(20, result.Values[0], 1e-10);
        Assert.Equal(15, result.Values[1], 1e-10);
    }

    [Fact]
    public void Given_a_multiple_top_and_few_distinct_values_then_every_wanted_copy_is_found_with_a_small_basis()
    {
        double[] spectrum = [5, 5, 5, .. Enumerable.Range(0, 97).Select(i => i % 5)];
        using var matrix = new MatrixOperator(diag(tensor(spectrum)));

        using EigenResult result = Lanczos.Largest(
            matrix, new LanczosOptions { Count = 4, Tolerance = 1e-9, MaximumBasis = 8, MaximumProducts = 400 });

        Assert.True(result.Converged);
        Assert.True(result.Products > 9, $"{result.Products} products: the test is about breakdowns after restarts");
        Assert.Equal([5, 5, 5, 4], result.Values.Select(value => Math.Round(value, 9)));
    }

    [Fact]
    public void Given_float32_and_many_restarts_then_the_value_is_good_to_six_digits()
    {
        Tensor dense = Oracles.Symmetric([10, 9.7, 9.5, .. Enumerable.Range(0, 297).Select(i => 9 * Math.Sin(i)), -40], 5);
        using var matrix = new MatrixOperator(dense.to(ScalarType.Float32));

        using EigenResult result = Lanczos.Largest(
            matrix, new LanczosOptions { Count = 2, Tolerance = 1e-5, MaximumBasis = 8, MaximumProducts = 900, ReturnVectors = true });

        Assert.True(result.Converged);
        Assert.True(result.Products > 80, "the test is about many restarts");
        Assert.Equal(10, result.Lambda1, 1e-5);
        Assert.Equal(9.7, result.Values[1], 1e-5);
        Tensor vector = result.Vectors![0].to(ScalarType.Float64);
        Assert.Equal(linalg.vector_norm(dense.mv(vector) - vector * result.Lambda1).item<double>(), result.Residual - result.Rounding, 5e-5);
    }

    [Fact]
    public void Given_a_bound_that_holds_too_little_then_the_error_names_it_and_what_is_wanted()
    {
        using var matrix = new MatrixOperator(eye(30, dtype: ScalarType.Float64));

        ArgumentOutOfRangeException one = Assert.Throws<ArgumentOutOfRangeException>(
            () => Lanczos.Largest(matrix, new LanczosOptions { Count = 4, MaximumBasis = 6 }));
        ArgumentOutOfRangeException both = Assert.Throws<ArgumentOutOfRangeException>(
            () => Lanczos.BothEnds(matrix, new LanczosOptions { Count = 2, MaximumBasis = 6 }, 2));

        Assert.Equal("MaximumBasis", one.ParamName);
        Assert.Equal(6, one.ActualValue);
        Assert.Contains("Count is 4", one.Message);
        Assert.Equal("smallest", both.ParamName);
        Assert.Contains("MaximumBasis 6", both.Message);
    }

    [Fact]
    public void Given_restarts_then_no_tensor_is_left_behind()
    {
        using var matrix = new MatrixOperator(Oracles.Symmetric(Indefinite, 6));
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Lanczos.Largest(matrix, new LanczosOptions { MaximumBasis = 6, ReturnVectors = true, Count = 2 }).Dispose();

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
