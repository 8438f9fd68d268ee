using CurvatureActors.Hessian.Estimators;
using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests.Estimators;

public sealed class DirectionalCurvatureTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Given_a_direction_then_the_curvature_is_the_quotient_of_the_dense_matrix()
    {
        Tensor dense = Oracles.Symmetric([6, 2, 1, -4], 20);
        Tensor direction = Oracles.Random(21, 4);
        using var matrix = new MatrixOperator(dense);

        double expected = (direction.dot(dense.mv(direction)) / direction.dot(direction)).item<double>();

        Assert.Equal(expected, DirectionalCurvature.Along(matrix, direction), 1e-12);
        Assert.Equal(expected, DirectionalCurvature.Along(matrix, direction * 1e-3), 1e-12);
        Assert.True(double.IsNaN(DirectionalCurvature.Along(matrix, zeros_like(direction))));
    }

    [Fact]
    public void Given_batches_of_a_quadratic_then_batch_sharpness_is_the_mean_of_their_quotients()
    {
        // loss_B = d_B w^2 in one dimension: H_B = 2 d_B whatever the gradient.
        double[] d = [1, 2, 6];
        List<(ISymmetricOperator, Tensor)> batches =
            [.. d.Select(di => ((ISymmetricOperator)new MatrixOperator(tensor(new[,] { { 2 * di } })), tensor(new[] { di * 0.3 })))];

        Estimate sharpness = DirectionalCurvature.BatchSharpness(batches);

        Assert.Equal(6, sharpness.Value, 1e-12);
        Assert.Equal(Math.Sqrt(((16 + 4 + 36) / 2.0) / 3), sharpness.StandardError, 1e-12);
        Assert.Equal(3, sharpness.Samples);
    }

    [Fact]
    public void Given_orthonormal_vectors_then_the_shares_are_the_squared_cosines()
    {
        Tensor vector = tensor(new[] { 3.0, 4, 0 });
        Tensor axes = tensor(new double[,] { { 1, 0, 0 }, { 0, 0, 1 } });

        IReadOnlyList<double> shares = DirectionalCurvature.Overlap(vector, axes);

        Assert.Equal(9.0 / 25, shares[0], 1e-12);
        Assert.Equal(0, shares[1], 1e-12);
        Assert.Throws<ArgumentException>(() => DirectionalCurvature.Overlap(vector, ones(2, 2, dtype: ScalarType.Float64)));
    }
}
