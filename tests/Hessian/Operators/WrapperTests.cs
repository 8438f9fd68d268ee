using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests.Operators;

public sealed class WrapperTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Given_a_diagonal_preconditioner_then_the_eigenvalues_are_those_of_its_inverse_times_the_matrix()
    {
        Tensor dense = Oracles.Symmetric([.. Enumerable.Range(-10, 30).Select(i => (double)i)], 1);
        Tensor diagonal = Oracles.Random(2, 30).abs() + 0.1;
        using var matrix = new MatrixOperator(dense);
        using var preconditioned = new PreconditionedOperator(matrix, diagonal);

        // The eigenvalues of P^(-1) A, which is not symmetric, by a method that does not need it to be.
        double expected = linalg.eigvals(dense / diagonal.unsqueeze(1)).real.max().item<double>();

        Assert.Equal(expected, Lanczos.Largest(preconditioned, new LanczosOptions { Tolerance = 1e-10 }).Lambda1, expected * 1e-12);
    }

    [Fact]
    public void Given_a_shift_then_every_eigenvalue_moves_by_it()
    {
        using var matrix = new MatrixOperator(Oracles.Symmetric([4, 2, -1], 3));

        using EigenResult result = Lanczos.Largest(new ShiftedOperator(matrix, 0.5), new LanczosOptions { Count = 3, Tolerance = 1e-12 });

        Assert.Equal([4.5, 2.5, -0.5], result.Values.Select(value => Math.Round(value, 12)));
    }

    [Fact]
    public void Given_a_matrix_that_is_not_symmetric_or_a_bad_diagonal_then_the_error_says_so()
    {
        Assert.Contains("not symmetric", Assert.Throws<ArgumentException>(() => new MatrixOperator(Oracles.Random(4, 3, 3))).Message);
        Assert.Contains("[2, 3]", Assert.Throws<ArgumentException>(() => new MatrixOperator(Oracles.Random(4, 2, 3))).Message);
        Assert.Contains("Int64", Assert.Throws<ArgumentException>(() => new MatrixOperator(eye(2, dtype: ScalarType.Int64))).Message);

        using var matrix = new MatrixOperator(eye(3, dtype: ScalarType.Float64));
        Assert.Contains("above 0", Assert.Throws<ArgumentException>(
            () => new PreconditionedOperator(matrix, tensor(new double[] { 1, 0, 2 }))).Message);
        Assert.Contains("above 0", Assert.Throws<ArgumentException>(
            () => new PreconditionedOperator(matrix, tensor(new[] { 1, double.NaN, 2 }))).Message);
        Assert.Contains("[2]", Assert.Throws<ArgumentException>(
            () => new PreconditionedOperator(matrix, ones(2, dtype: ScalarType.Float64))).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShiftedOperator(matrix, double.PositiveInfinity));
    }
}
