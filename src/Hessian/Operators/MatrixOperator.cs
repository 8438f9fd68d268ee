using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>A v for a dense symmetric A: for tests and for problems small enough to write down.</summary>
public sealed class MatrixOperator : ISymmetricOperator, IDisposable
{
    private readonly Tensor _matrix;

    /// <summary>Copies the matrix.</summary>
    /// <param name="matrix">Symmetric, shape [n, n], n at least 1, float32 or float64.</param>
    /// <exception cref="ArgumentException">Not square, not float32 or float64, or not symmetric to rounding.</exception>
    public MatrixOperator(Tensor matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        if (matrix.dim() != 2 || matrix.shape[0] != matrix.shape[1] || matrix.shape[0] == 0)
        {
            throw new ArgumentException($"The matrix has shape [{string.Join(", ", matrix.shape)}]; it must be square.", nameof(matrix));
        }

        VectorChecks.IsReal(matrix.dtype, nameof(matrix));
        using (NewDisposeScope())
        using (no_grad())
        {
            double asymmetry = (matrix - matrix.t()).abs().max().to(ScalarType.Float64).item<double>();
            double largest = matrix.abs().max().to(ScalarType.Float64).item<double>();
            double rounding = matrix.dtype == ScalarType.Float32 ? 1e-5 : 1e-12;
            if (asymmetry > rounding * largest)
            {
                throw new ArgumentException($"The matrix is not symmetric: an entry differs from its mirror by {asymmetry:g3}.", nameof(matrix));
            }

            _matrix = matrix.detach().clone().DetachFromDisposeScope();
        }
    }

    /// <inheritdoc/>
    public long Size => _matrix.shape[0];

    /// <inheritdoc/>
    public Device Device => _matrix.device;

    /// <inheritdoc/>
    public ScalarType ScalarType => _matrix.dtype;

    /// <inheritdoc/>
    public Tensor Apply(Tensor vector)
    {
        VectorChecks.Fits(this, vector, nameof(vector));
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        return _matrix.mv(TensorMemory.Aligned(vector)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor ApplyBlock(Tensor vectors)
    {
        VectorChecks.BlockFits(this, vectors, nameof(vectors));
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        return TensorMemory.Aligned(vectors).mm(_matrix).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _matrix.Dispose();
}
