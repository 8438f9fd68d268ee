using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>(A_1 + ... + A_n) v: for instance the Hessian minus the Gauss-Newton matrix, with <see cref="ScaledOperator"/>.</summary>
public sealed class SumOperator : ISymmetricOperator, IWrapper
{
    private readonly ISymmetricOperator[] _summands;

    /// <summary>Wraps operators, which stay the caller's.</summary>
    /// <param name="summands">A_1, ..., A_n, at least one, all of one size, device and type.</param>
    /// <exception cref="ArgumentException">There are none, or one does not fit the first.</exception>
    public SumOperator(params IReadOnlyList<ISymmetricOperator> summands)
    {
        ArgumentNullException.ThrowIfNull(summands);
        if (summands.Count == 0)
        {
            throw new ArgumentException("There are no summands.", nameof(summands));
        }

        _summands = [.. summands];
        for (int index = 0; index < _summands.Length; index++)
        {
            ISymmetricOperator one = _summands[index] ?? throw new ArgumentException($"summands[{index}] is null.", nameof(summands));
            if (one.Size != Size || one.ScalarType != ScalarType || !VectorChecks.SameDevice(one.Device, Device))
            {
                throw new ArgumentException(
                    $"summands[{index}] is {one.ScalarType} of size {one.Size} on {one.Device}; "
                    + $"summands[0] is {ScalarType} of size {Size} on {Device}.",
                    nameof(summands));
            }
        }
    }

    int IWrapper.Removed => _summands.Sum(IWrapper.RemovedFrom);

    /// <inheritdoc/>
    public long Size => _summands[0].Size;

    /// <inheritdoc/>
    public Device Device => _summands[0].Device;

    /// <inheritdoc/>
    public ScalarType ScalarType => _summands[0].ScalarType;

    /// <inheritdoc/>
    public Tensor Apply(Tensor vector) => Sum(summand => summand.Apply(vector));

    /// <inheritdoc/>
    public Tensor ApplyBlock(Tensor vectors) => Sum(summand => summand.ApplyBlock(vectors));

    private Tensor Sum(Func<ISymmetricOperator, Tensor> product)
    {
        using IDisposable quiet = no_grad();
        Tensor total = product(_summands[0]);
        foreach (ISymmetricOperator summand in _summands.AsSpan(1))
        {
            using Tensor part = product(summand);
            total.PlusInPlace(part);
        }

        return total;
    }
}
