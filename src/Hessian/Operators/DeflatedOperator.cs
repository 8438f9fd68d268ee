using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>
/// (A - sum_i theta_i x_i x_i') v: moves known eigenvalues to 0 (Hotelling's deflation), so that the largest eigenvalue
/// of the rest comes to the top.
/// </summary>
/// <remarks>
/// Limitations: the pairs are taken as exact. With pairs of residual r the eigenvalues that are left are off by up to
/// about r. What is moved goes to 0, not out: of a matrix whose other eigenvalues are all negative, 0 is then the largest.
/// </remarks>
public sealed class DeflatedOperator : ISymmetricOperator, IWrapper, IDisposable
{
    private const double Deviation = 1e-4;

    private readonly ISymmetricOperator _inner;
    private readonly Tensor _vectors;
    private readonly Tensor _values;

    /// <summary>Wraps an operator, which stays the caller's.</summary>
    /// <param name="inner">A.</param>
    /// <param name="values">theta_i, finite.</param>
    /// <param name="vectors">x_i in rows, orthonormal, shape [values, Size], device and type of A; copied.</param>
    /// <exception cref="ArgumentException">Counts do not match, a value is not finite, or the vectors are not orthonormal.</exception>
    public DeflatedOperator(ISymmetricOperator inner, IReadOnlyList<double> values, Tensor vectors)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(values);
        VectorChecks.BlockFits(inner, vectors, nameof(vectors));
        if (values.Count != vectors.shape[0])
        {
            throw new ArgumentException($"There are {values.Count} values for {vectors.shape[0]} vectors.", nameof(values));
        }

        if (values.FirstOrDefault(value => !double.IsFinite(value)) is var broken && !double.IsFinite(broken))
        {
            throw new ArgumentException($"The values hold {broken}; every one must be finite.", nameof(values));
        }

        using (NewDisposeScope())
        using (no_grad())
        {
            Tensor gram = vectors.mm(vectors.t());
            double deviation = (gram - Identity(gram)).abs().max().to(ScalarType.Float64).item<double>();
            if (!(deviation <= Deviation))
            {
                throw new ArgumentException(
                    $"The vectors are not orthonormal: a product of two is off by {deviation:g3}.", nameof(vectors));
            }

            _vectors = vectors.detach().clone().DetachFromDisposeScope();
            _values = tensor([.. values], dtype: ScalarType.Float64)
                .to(inner.ScalarType).to(inner.Device).DetachFromDisposeScope();
        }

        _inner = inner;
    }

    int IWrapper.Removed => (int)_vectors.shape[0] + IWrapper.RemovedFrom(_inner);

    /// <inheritdoc/>
    public long Size => _inner.Size;

    /// <inheritdoc/>
    public Device Device => _inner.Device;

    /// <inheritdoc/>
    public ScalarType ScalarType => _inner.ScalarType;

    /// <inheritdoc/>
    public Tensor Apply(Tensor vector)
    {
        VectorChecks.Fits(this, vector, nameof(vector));
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        Tensor product = _inner.Apply(vector);
        Tensor removed = _vectors.t().mv(_vectors.mv(vector) * _values);
        return product.sub_(removed).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor ApplyBlock(Tensor vectors)
    {
        VectorChecks.BlockFits(this, vectors, nameof(vectors));
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        Tensor products = _inner.ApplyBlock(vectors);
        Tensor removed = (vectors.mm(_vectors.t()) * _values).mm(_vectors);
        return products.sub_(removed).MoveToOuterDisposeScope();
    }

    /// <summary>Releases the copies of the pairs, not the wrapped operator.</summary>
    public void Dispose()
    {
        _vectors.Dispose();
        _values.Dispose();
    }

    private static Tensor Identity(Tensor square) => eye(square.shape[0], dtype: square.dtype, device: square.device);
}
