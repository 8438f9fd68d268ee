using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests.Solvers;

public sealed class LanczosInvariantTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Given_an_indefinite_matrix_then_both_ends_are_found_with_intervals_that_hold_an_eigenvalue()
    {
        double[] spectrum = [3, 2.5, .. Enumerable.Range(0, 76).Select(i => 1 - i / 38.0), -12, -20];
        Tensor dense = Oracles.Symmetric(spectrum, 1);
        using var matrix = new MatrixOperator(dense);
        var options = new LanczosOptions { Count = 2, Tolerance = 1e-3, ReturnVectors = true };

        using EigenResult largest = Lanczos.Largest(matrix, options);
        using SmallestEigenResult smallest = Lanczos.Smallest(matrix, options);

        Assert.True(largest.Converged && smallest.Converged);
        Assert.Equal(3, largest.Lambda1, 1e-5);
        Assert.Equal(-20, smallest.LambdaMin, 1e-4);
        Assert.Equal(-12, smallest.Values[1], 1e-4);
        Assert.Equal(-20.0 / 3, largest.SmallestRatio, 1e-3);
        foreach ((double low, double high) in largest.Intervals.Concat(smallest.Intervals))
        {
            Assert.Contains(spectrum, value => low - 1e-12 <= value && value <= high + 1e-12);
        }

        for (int i = 0; i < 2; i++)
        {
            Tensor vector = smallest.Vectors![i];
            Assert.Equal(
                linalg.vector_norm(dense.mv(vector) - vector * smallest.Values[i]).item<double>(), smallest.Residuals[i], 1e-10);
        }
    }

    [Fact]
    public void Given_a_degenerate_top_pair_and_one_wanted_then_the_value_is_right_and_the_copy_is_not_seen()
    {
        using var matrix = new MatrixOperator(Oracles.Symmetric([5, 5, .. Enumerable.Range(0, 38).Select(i => i / 38.0)], 2));

        using EigenResult one = Lanczos.Largest(matrix, new LanczosOptions { Tolerance = 1e-8 });

        Assert.True(one.Converged);
        Assert.Equal(5, one.Lambda1, 1e-10);
        Assert.True(one.GapRatio > 4, "single-vector Lanczos sees one direction of the pair");
    }

    [Fact]
    public void Given_a_vector_then_its_shares_are_those_of_its_squared_norm_by_name()
    {
        Nets net = Nets.Of("mlp");
        Tensor vector = zeros(net.Named.Size, dtype: ScalarType.Float64);
        vector[0] = 3;
        vector[20] = 4;

        Assert.Equal(
            [("1.weight", 0.36), ("1.bias", 0.64), ("2.weight", 0.0), ("2.bias", 0.0)],
            EigenvectorShares.Of(vector, net.Named).Select(share => (share.Name, Math.Round(share.Share, 12))));
        Assert.Contains("norm 0", Assert.Throws<ArgumentException>(() => EigenvectorShares.Of(vector * 0, net.Named)).Message);
        Assert.Contains("[3]", Assert.Throws<ArgumentException>(() => EigenvectorShares.Of(ones(3), net.Named)).Message);
    }
}
