using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests.Solvers;

public sealed class PowerIterationTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(6, -3, 6)]
    [InlineData(6, -9, -9)]
    public void Given_both_signs_then_the_value_of_largest_magnitude_is_returned(double largest, double smallest, double expected)
    {
        double[] spectrum = [largest, smallest, .. Enumerable.Range(0, 38).Select(i => i / 38.0)];
        using var matrix = new MatrixOperator(Oracles.Symmetric(spectrum, 1));

        using EigenResult result = PowerIteration.Dominant(matrix, new PowerIterationOptions { Tolerance = 1e-6 });

        Assert.True(result.Converged);
        Assert.Equal(expected, result.Lambda1, 1e-9);
    }

    [Fact]
    public void Given_the_same_tolerance_then_lanczos_needs_fewer_products()
    {
        using var matrix = new MatrixOperator(Oracles.Symmetric([.. Enumerable.Range(0, 100).Select(i => Math.Pow(0.95, i))], 2));

        using EigenResult power = PowerIteration.Dominant(matrix);
        using EigenResult lanczos = Lanczos.Largest(matrix);

        Assert.True(power.Converged);
        Assert.Equal(lanczos.Lambda1, power.Lambda1, 1e-6);
        Assert.True(lanczos.Products * 3 < power.Products, $"{lanczos.Products} against {power.Products}");
    }

    [Fact]
    public void Given_zero_curvature_or_too_few_products_then_the_result_says_which()
    {
        using var zero = new MatrixOperator(zeros(5, 5, dtype: ScalarType.Float64));
        using var close = new MatrixOperator(Oracles.Symmetric([1, 0.999, 0.5], 3));

        using EigenResult none = PowerIteration.Dominant(zero);
        using EigenResult early = PowerIteration.Dominant(close, new PowerIterationOptions { MaximumProducts = 3, Tolerance = 1e-8 });

        Assert.True(none.Converged);
        Assert.Equal(0, none.Lambda1);
        Assert.False(early.Converged);
        Assert.Equal(3, early.Products);
        Assert.Throws<ArgumentOutOfRangeException>(() => PowerIteration.Dominant(zero, new PowerIterationOptions { Tolerance = 0 }));
    }
}
