using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>(A + s I) v: for instance the Hessian with the L2 term that a weight decay s adds.</summary>
public sealed class ShiftedOperator : ISymmetricOperator, IWrapper
{
    private readonly ISymmetricOperator _inner;
    private readonly double _shift;

    /// <summary>Wraps an operator, which stays the caller's.</summary>
    /// <param name="inner">A.</param>
    /// <param name="shift">s, finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">The shift is not finite.</exception>
    public ShiftedOperator(ISymmetricOperator inner, double shift)
    {
        ArgumentNullException.ThrowIfNull(inner);
        if (!double.IsFinite(shift))
        {
            throw new ArgumentOutOfRangeException(nameof(shift), shift, "The shift must be finite.");
        }

        _inner = inner;
        _shift = shift;
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
        Tensor product = _inner.Apply(vector);
        using Tensor shifted = vector.Times(_shift);
        return product.PlusInPlace(shifted);
    }

    /// <inheritdoc/>
    public Tensor ApplyBlock(Tensor vectors)
    {
        using IDisposable quiet = no_grad();
        Tensor products = _inner.ApplyBlock(vectors);
        using Tensor shifted = vectors.Times(_shift);
        return products.PlusInPlace(shifted);
    }
}
