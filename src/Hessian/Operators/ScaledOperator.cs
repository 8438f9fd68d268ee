using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>c A v: a sum loss from a mean one, or with c = -1 the operator whose largest eigenvalue is -lambda_min.</summary>
public sealed class ScaledOperator : ISymmetricOperator, IWrapper
{
    private readonly ISymmetricOperator _inner;
    private readonly double _factor;

    /// <summary>Wraps an operator, which stays the caller's.</summary>
    /// <param name="inner">A.</param>
    /// <param name="factor">c, finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is not finite.</exception>
    public ScaledOperator(ISymmetricOperator inner, double factor)
    {
        ArgumentNullException.ThrowIfNull(inner);
        if (!double.IsFinite(factor))
        {
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "The factor must be finite.");
        }

        _inner = inner;
        _factor = factor;
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
        using IDisposable quiet = no_grad();
        return _inner.Apply(vector).TimesInPlace(_factor);
    }

    /// <inheritdoc/>
    public Tensor ApplyBlock(Tensor vectors)
    {
        using IDisposable quiet = no_grad();
        return _inner.ApplyBlock(vectors).TimesInPlace(_factor);
    }
}
