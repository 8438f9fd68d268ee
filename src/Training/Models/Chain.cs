using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>Layers one after the other; the identity when there are none.</summary>
public sealed class Chain : CompositeLayer
{
    private readonly Layer[] _layers;

    /// <summary>The chain of these layers, which it now owns.</summary>
    public Chain(params IEnumerable<(string Name, Layer Layer)> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        _layers = [.. layers.Select(item => Add(item.Name, item.Layer))];
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode)
    {
        Tensor value = input;
        foreach (Layer layer in _layers)
        {
            value = layer.Forward(value, mode);
        }

        return value;
    }
}
