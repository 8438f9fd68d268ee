using CurvatureActors.Hessian.Operators;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Curvature.Kinds;

/// <summary>An operator whose products are counted.</summary>
internal sealed class CountedOperator(ISymmetricOperator inner, Action<int> count) : ISymmetricOperator
{
    /// <inheritdoc/>
    public long Size => inner.Size;

    /// <inheritdoc/>
    public Device Device => inner.Device;

    /// <inheritdoc/>
    public ScalarType ScalarType => inner.ScalarType;

    /// <inheritdoc/>
    public Tensor Apply(Tensor vector)
    {
        count(1);
        return inner.Apply(vector);
    }

    /// <inheritdoc/>
    public Tensor ApplyBlock(Tensor vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        count((int)vectors.shape[0]);
        return inner.ApplyBlock(vectors);
    }
}
