using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>
/// P^(-1/2) A P^(-1/2) v for a positive diagonal P: the symmetric matrix with the eigenvalues of P^(-1) A. With A the
/// loss Hessian and P the diagonal that an adaptive optimizer divides by, its lambda1 is the preconditioned sharpness
/// that the optimizer's stability threshold is about (Cohen et al. 2022, arXiv 2207.14484).
/// </summary>
/// <remarks>
/// P as PyTorch's optimizers have it at step t, with v the moving average of squared gradients: Adam and AdamW
/// sqrt(v / (1 - beta2^t)) + eps; RMSProp sqrt(v) + eps, without bias correction (centered: v less the squared average
/// of gradients). The bias correction of Adam's first moment, 1 / (1 - beta1^t), is no part of P, and decoupled weight
/// decay no part of A; both belong to the threshold.
/// </remarks>
public sealed class PreconditionedOperator : ISymmetricOperator, IWrapper, IDisposable
{
    private readonly ISymmetricOperator _inner;
    private readonly Tensor _scale;

    /// <summary>Wraps an operator, which stays the caller's.</summary>
    /// <param name="inner">A.</param>
    /// <param name="diagonal">The diagonal of P: shape [Size], finite and above 0, device and type of A; copied.</param>
    /// <exception cref="ArgumentException">The diagonal does not fit, or has an entry that is not finite and positive.</exception>
    public PreconditionedOperator(ISymmetricOperator inner, Tensor diagonal)
    {
        ArgumentNullException.ThrowIfNull(inner);
        VectorChecks.Fits(inner, diagonal, nameof(diagonal));
        using (NewDisposeScope())
        using (no_grad())
        {
            double smallest = diagonal.min().to(ScalarType.Float64).item<double>();
            double largest = diagonal.max().to(ScalarType.Float64).item<double>();
            if (!(smallest > 0) || !double.IsFinite(largest))
            {
                throw new ArgumentException(
                    $"The preconditioner's diagonal spans {smallest:g6} to {largest:g6}; every entry must be finite and above 0.",
                    nameof(diagonal));
            }

            _scale = diagonal.detach().rsqrt().DetachFromDisposeScope();
        }

        _inner = inner;
    }

    int IWrapper.Removed => IWrapper.RemovedFrom(_inner);

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
        using IDisposable quiet = no_grad();
        using Tensor scaled = vector * _scale;
        Tensor product = _inner.Apply(scaled);
        return product.mul_(_scale);
    }

    /// <inheritdoc/>
    public Tensor ApplyBlock(Tensor vectors)
    {
        VectorChecks.BlockFits(this, vectors, nameof(vectors));
        using IDisposable quiet = no_grad();
        using Tensor scaled = vectors * _scale;
        Tensor products = _inner.ApplyBlock(scaled);
        return products.mul_(_scale);
    }

    /// <summary>Releases the copy of the diagonal, not the wrapped operator.</summary>
    public void Dispose() => _scale.Dispose();
}
