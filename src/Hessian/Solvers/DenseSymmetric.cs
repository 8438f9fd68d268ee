using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Solvers;

/// <summary>Eigenpairs of a small symmetric matrix in float64, on the CPU.</summary>
internal static class DenseSymmetric
{
    /// <summary>Eigenvalues, largest first, and unit eigenvectors in the same order; NaN where an entry is not finite.</summary>
    /// <param name="size">Rows.</param>
    /// <param name="entry">The entry of a row and a column, asked for on both sides of the diagonal.</param>
    internal static (double[] Values, double[][] Vectors) Solve(int size, Func<int, int, double> entry)
    {
        double[] entries = new double[size * size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                entries[i * size + j] = entry(i, j);
            }
        }

        // LAPACK would refuse it with an error about its argument.
        if (!entries.All(double.IsFinite))
        {
            return ([.. Enumerable.Repeat(double.NaN, size)], [.. Enumerable.Range(0, size).Select(_ => new double[size])]);
        }

        using DisposeScope scope = NewDisposeScope();
        (Tensor values, Tensor vectors) = linalg.eigh(tensor(entries, [size, size], dtype: ScalarType.Float64));
        double[] ascending = [.. values.data<double>()];
        double[] columns = [.. vectors.t().contiguous().data<double>()];
        return (
            [.. ascending.Reverse()],
            [.. Enumerable.Range(0, size).Select(i => columns[((size - 1 - i) * size)..((size - i) * size)])]);
    }
}
