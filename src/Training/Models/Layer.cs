using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>
/// One differentiable piece of a network. Every layer is built from operations whose second derivatives are right,
/// because curvature is taken through them.
/// </summary>
public abstract class Layer : IDisposable
{
    /// <summary>Trained tensors in declaration order, names relative to the layer.</summary>
    public virtual IReadOnlyList<NamedTensor> Parameters => [];

    /// <summary>Tensors that are state but not trained, in declaration order, names relative to the layer.</summary>
    public virtual IReadOnlyList<NamedTensor> Buffers => [];

    /// <summary>
    /// The layer's output for a batch, first dimension the example. Intermediates belong to the caller's dispose scope.
    /// </summary>
    public abstract Tensor Forward(Tensor input, NetworkMode mode);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases parameters, buffers and constants.</summary>
    protected virtual void Dispose(bool disposing)
    {
        foreach (NamedTensor tensor in Parameters.Concat(Buffers))
        {
            tensor.Value.Dispose();
        }
    }

    /// <summary>A trainable tensor of one value that outlives every dispose scope.</summary>
    protected static Tensor Parameter(long[] shape, double value, NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Constant(shape, value, options).requires_grad_();
    }

    /// <summary>An untrained tensor of one value that outlives every dispose scope.</summary>
    protected static Tensor Constant(long[] shape, double value, NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        using Scalar scalar = value.ToScalar();
        return full(shape, scalar, options.ScalarType, options.Device).DetachFromDisposeScope();
    }
}
