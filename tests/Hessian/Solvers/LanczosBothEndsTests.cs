using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests.Solvers;

public sealed class LanczosBothEndsTests : IDisposable
{
    private static readonly double[] Indefinite =
        [3, 2.5, 2, .. Enumerable.Range(0, 194).Select(i => Math.Sin(i)), -8, -12, -20];

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData(8)]
    [InlineData(12)]
    public void Given_an_indefinite_matrix_then_both_ends_are_those_of_a_dense_solver(int? basis)
    {
        Tensor dense = Oracles.Symmetric(Indefinite, 1);
        double[] expected = Oracles.Spectrum(dense);
        using var matrix = new MatrixOperator(dense);

        using ExtremeEigenResult result = Lanczos.BothEnds(
            matrix,
            new LanczosOptions { Count = 3, Tolerance = 1e-8, MaximumBasis = basis, MaximumProducts = 500, ReturnVectors = true },
            smallest: 2);

        Assert.True(result.Converged);
        Assert.Equal(3, result.Largest.Values.Length);
        Assert.Equal(2, result.Smallest.Values.Length);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(expected[i], result.Largest.Values[i], 1e-10);
            Same(dense, result.Largest.Vectors![i], result.Largest.Values[i], result.Largest.Residuals[i]);
        }

        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(expected[^(i + 1)], result.Smallest.Values[i], 1e-10);
            Same(dense, result.Smallest.Vectors![i], result.Smallest.Values[i], result.Smallest.Residuals[i]);
        }

        Assert.Equal(-20, result.Largest.Smallest, 1e-8);

        static void Same(Tensor dense, Tensor vector, double value, double residual) =>
            Assert.Equal(linalg.vector_norm(dense.mv(vector) - vector * value).item<double>(), residual, 1e-10);
    }

    [Fact]
    public void Given_one_solve_for_both_ends_then_it_takes_fewer_products_than_two_and_counts_each_once()
    {
        var recording = new RecordingOperator(new MatrixOperator(Oracles.Symmetric(Indefinite, 2)));
        var options = new LanczosOptions { Tolerance = 1e-6 };

        using EigenResult largest = Lanczos.Largest(recording, options);
        using SmallestEigenResult smallest = Lanczos.Smallest(recording, options);
        int separate = recording.Count;
        using ExtremeEigenResult both = Lanczos.BothEnds(recording, options);

        Assert.True(both.Converged);
        Assert.Equal(largest.Products + smallest.Products, separate);
        Assert.Equal(recording.Count - separate, both.Products);
        Assert.Equal(both.Products, both.Smallest.Products);
        Assert.Equal(Math.Max(largest.Products, smallest.Products), both.Products);
        Assert.Equal(3, both.Largest.Lambda1, 1e-9);
        Assert.Equal(-20, both.Smallest.LambdaMin, 1e-9);
    }

    [Fact]
    public void Given_a_loose_tolerance_then_the_intervals_of_both_ends_hold_eigenvalues()
    {
        double[] spectrum = [.. Enumerable.Range(0, 150).Select(i => 10 * Math.Cos(i))];
        using var matrix = new MatrixOperator(Oracles.Symmetric(spectrum, 3));

        using ExtremeEigenResult result = Lanczos.BothEnds(matrix, new LanczosOptions { Count = 2, Tolerance = 0.02 });

        Assert.True(result.Converged);
        foreach ((double low, double high) in result.Largest.Intervals.Concat(result.Smallest.Intervals))
        {
            Assert.Contains(spectrum, value => low - 1e-12 <= value && value <= high + 1e-12);
        }
    }

    [Fact]
    public void Given_multiple_values_at_both_ends_then_the_wanted_copies_are_found_after_breakdowns()
    {
        double[] spectrum = [4, 4, .. Enumerable.Repeat(1.0, 56), -6, -6];
        using var matrix = new MatrixOperator(diag(tensor(spectrum)));

        using ExtremeEigenResult result = Lanczos.BothEnds(matrix, new LanczosOptions { Count = 2, Tolerance = 1e-9, MaximumBasis = 7 });

        Assert.True(result.Converged);
        Assert.Equal([4, 4], result.Largest.Values.Select(value => Math.Round(value, 9)));
        Assert.Equal([-6, -6], result.Smallest.Values.Select(value => Math.Round(value, 9)));
    }

    [Fact]
    public void Given_one_end_out_of_reach_then_only_that_one_says_so()
    {
        // The lower end is a dense bulk, the upper one an outlier.
        double[] spectrum = [50, .. Enumerable.Range(0, 299).Select(i => Math.Pow(i / 299.0, 0.3))];
        using var matrix = new MatrixOperator(Oracles.Symmetric([.. spectrum.Select(value => value - 1)], 5));

        using ExtremeEigenResult result = Lanczos.BothEnds(matrix, new LanczosOptions { Tolerance = 1e-10, MaximumProducts = 12 });

        Assert.True(result.Largest.Converged);
        Assert.False(result.Smallest.Converged);
        Assert.False(result.Converged);
        Assert.Equal(12, result.Products);
    }

    [Fact]
    public void Given_a_tiny_a_zero_or_a_broken_operator_then_both_ends_say_what_they_are()
    {
        using var one = new MatrixOperator(tensor(new[] { -2.5 }).view(1, 1));
        using var zero = new MatrixOperator(zeros(20, 20, dtype: ScalarType.Float64));
        using var broken = new MatrixOperator(full([5, 5], double.NaN, dtype: ScalarType.Float64));

        using ExtremeEigenResult single = Lanczos.BothEnds(one, new LanczosOptions { Count = 3 });
        using ExtremeEigenResult flat = Lanczos.BothEnds(zero);
        using ExtremeEigenResult lost = Lanczos.BothEnds(broken);

        Assert.True(single.Converged && flat.Converged);
        Assert.Equal((-2.5, -2.5), (single.Largest.Lambda1, single.Smallest.LambdaMin));
        Assert.Equal((0, 0), (flat.Largest.Lambda1, flat.Smallest.LambdaMin));
        Assert.False(lost.Largest.Converged || lost.Smallest.Converged);
        Assert.True(double.IsNaN(lost.Largest.Lambda1) && double.IsNaN(lost.Smallest.LambdaMin));
        Assert.Equal("smallest", Assert.Throws<ArgumentOutOfRangeException>(() => Lanczos.BothEnds(one, smallest: 0)).ParamName);
    }
}
