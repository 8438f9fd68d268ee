using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests.Solvers;

public sealed class LobpcgTests : IDisposable
{
    private static readonly double[] Degenerate = [5, 5, 3, .. Enumerable.Range(0, 57).Select(i => i / 57.0), -30];

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Given_a_degenerate_top_pair_then_both_are_found_and_a_large_negative_value_is_not_taken()
    {
        Tensor dense = Oracles.Symmetric(Degenerate, 1);
        using var matrix = new MatrixOperator(dense);

        using EigenResult result = Lobpcg.Largest(matrix, new LobpcgOptions { Count = 3, Tolerance = 1e-7 });

        Assert.True(result.Converged);
        Assert.Equal([5, 5, 3], result.Values.Select(value => Math.Round(value, 10)));
        for (int i = 0; i < 3; i++)
        {
            double residual = linalg.vector_norm(dense.mv(result.Vectors![i]) - result.Vectors[i] * result.Values[i]).item<double>();
            Assert.Equal(residual, result.Residuals[i], 1e-11);
        }

        Assert.True(Oracles.Difference(result.Vectors!.mm(result.Vectors.t()), eye(3, dtype: ScalarType.Float64)) < 1e-12);
    }

    [Fact]
    public void Given_a_warm_block_then_a_nearby_matrix_takes_fewer_products()
    {
        using var before = new MatrixOperator(Oracles.Symmetric(Degenerate, 2));
        using var after = new MatrixOperator(Oracles.Symmetric(Degenerate, 2) + Oracles.Symmetric(Degenerate, 3) * 1e-3);
        double expected = Oracles.Spectrum(Oracles.Dense(after))[0];

        using EigenResult first = Lobpcg.Largest(before);
        using EigenResult cold = Lobpcg.Largest(after);
        using EigenResult warm = Lobpcg.Largest(after, new LobpcgOptions { Start = first.Vectors });

        Assert.True(warm.Converged && cold.Converged);
        Assert.Equal(expected, warm.Lambda1, 1e-5);
        Assert.True(warm.Products < cold.Products, $"{warm.Products} against {cold.Products}");
    }

    [Fact]
    public void Given_zero_curvature_a_tiny_operator_or_too_few_products_then_the_result_says_so()
    {
        using var none = new MatrixOperator(zeros(9, 9, dtype: ScalarType.Float64));
        using var tiny = new MatrixOperator(diag(tensor(new[] { 2.0, -1.0 })));
        using var matrix = new MatrixOperator(Oracles.Symmetric(Degenerate, 4));

        using EigenResult zero = Lobpcg.Largest(none);
        using EigenResult two = Lobpcg.Largest(tiny, new LobpcgOptions { Count = 5 });
        using EigenResult short_ = Lobpcg.Largest(matrix, new LobpcgOptions { MaximumProducts = 8 });

        Assert.True(zero.Converged && two.Converged);
        Assert.Equal([0, 0], zero.Values);
        Assert.Equal([2, -1], two.Values.Select(value => Math.Round(value, 12)));
        Assert.False(short_.Converged);
        Assert.Throws<ArgumentOutOfRangeException>(() => Lobpcg.Largest(matrix, new LobpcgOptions { Guard = 0 }));
    }
}
