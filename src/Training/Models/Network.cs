using System.Collections.Immutable;
using CurvatureActors.Hessian;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>
/// A chain of layers from a batch of inputs to outputs that a loss takes: images [N, C, H, W] to logits [N, classes],
/// texts [N, T] to logits [N, classes, T], vectors to the losses of analytic models [N, 1]. Parameters and buffers have stable
/// names and keep their declaration order, which snapshots and <c>parametersSha256</c> rely on.
/// </summary>
public sealed class Network : IDisposable
{
    private readonly Layer[] _layers;

    /// <summary>
    /// The chain of these layers, which the network now owns. A layer without a name has no tensors. A layer, or a tensor,
    /// that comes more than once counts once, under its first name: two places in the vector of all parameters would be
    /// two memories, of which the tensor has one and the other never trains.
    /// </summary>
    /// <exception cref="ArgumentException">Different tensors lie over the same memory; the message names them.</exception>
    public Network(IEnumerable<(string Name, Layer Layer)> layers)
    {
        (string Name, Layer Layer)[] named = [.. layers];
        _layers = [.. named.Select(item => item.Layer)];
        Parameters = Distinct(named.SelectMany(item => NamedTensor.Qualified(item.Name, item.Layer.Parameters)));
        Buffers = Distinct(named.SelectMany(item => NamedTensor.Qualified(item.Name, item.Layer.Buffers)));
    }

    /// <summary>Trained tensors in declaration order.</summary>
    public IReadOnlyList<NamedTensor> Parameters { get; }

    /// <summary>Running statistics in declaration order.</summary>
    public IReadOnlyList<NamedTensor> Buffers { get; }

    /// <summary>
    /// Outputs for inputs, see above. Intermediates are left to the caller's dispose scope.
    /// </summary>
    public Tensor Forward(Tensor inputs, NetworkMode mode)
    {
        Tensor value = inputs;
        foreach (Layer layer in _layers)
        {
            value = layer.Forward(value, mode);
        }

        return value;
    }

    private static ImmutableArray<NamedTensor> Distinct(IEnumerable<NamedTensor> tensors) =>
        TensorMemory.Distinct(tensors, tensor => tensor.Value, tensor => $"The tensor \"{tensor.Name}\"");

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Layer layer in _layers)
        {
            layer.Dispose();
        }
    }
}
