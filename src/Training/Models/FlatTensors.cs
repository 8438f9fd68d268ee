using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>
/// Lays tensors one after the other in one contiguous tensor and makes each a view of its part, so that copying,
/// norms and updates are single native calls whatever the number of layers.
/// </summary>
public sealed class FlatTensors : IDisposable
{
    /// <summary>Moves the values of these tensors, all of one type and device, into one; may be none.</summary>
    public FlatTensors(IReadOnlyList<NamedTensor> tensors, ScalarType scalarType, Device device)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        Tensors = tensors;
        Count = tensors.Sum(tensor => tensor.Value.numel());
        Values = zeros([Count], scalarType, device).DetachFromDisposeScope();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        long offset = 0;
        foreach (NamedTensor tensor in tensors)
        {
            Tensor part = Part(Values, tensor.Value, ref offset);
            part.copy_(tensor.Value);
            tensor.Value.set_(part);
        }
    }

    /// <summary>The tensors, now views of <see cref="Values"/>, in their order.</summary>
    public IReadOnlyList<NamedTensor> Tensors { get; }

    /// <summary>All values, shape [Count].</summary>
    public Tensor Values { get; }

    /// <summary>Number of values.</summary>
    public long Count { get; }

    /// <inheritdoc/>
    public void Dispose() => Values.Dispose();

    /// <summary>The part of <paramref name="flat"/> at <paramref name="offset"/> in the shape of <paramref name="like"/>.</summary>
    internal static Tensor Part(Tensor flat, Tensor like, ref long offset)
    {
        long count = like.numel();
        Tensor part = flat.narrow(0, offset, count).view(like.shape);
        offset += count;
        return part;
    }
}
