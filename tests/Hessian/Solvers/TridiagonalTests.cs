using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests.Solvers;

// Through Lanczos with the start e_1, whose coefficients on a tridiagonal matrix are that matrix.
public sealed class TridiagonalTests
{
    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 17)]
    [InlineData(3, 60)]
    public void Given_a_tridiagonal_matrix_then_all_eigenvalues_agree_with_lapack(ulong seed, int size)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor off = Oracles.Random(seed + 50, size - 1).abs() + 0.1;
        Tensor dense = diag(Oracles.Random(seed, size)) + diag(off, 1) + diag(off, -1);
        using var matrix = new MatrixOperator(dense);
        Tensor start = zeros(size, dtype: ScalarType.Float64);
        start[0] = 1;

        using EigenResult result = Lanczos.Largest(
            matrix, new LanczosOptions { Count = size, Tolerance = 1e-13, Start = start, ReturnVectors = true });

        double[] expected = Oracles.Spectrum(dense);
        for (int i = 0; i < size; i++)
        {
            Assert.Equal(expected[i], result.Values[i], 1e-12);
        }

        Tensor rebuilt = result.Vectors!.t().mm(diag(tensor(expected))).mm(result.Vectors);
        Assert.True(Oracles.Difference(dense, rebuilt) < 1e-11);
    }
}
