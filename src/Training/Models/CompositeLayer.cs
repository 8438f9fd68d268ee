namespace CurvatureActors.Training.Models;

/// <summary>A layer made of layers, which it owns; their tensors carry the child's name before their own.</summary>
public abstract class CompositeLayer : Layer
{
    private readonly List<(string Name, Layer Layer)> _children = [];

    /// <inheritdoc/>
    public sealed override IReadOnlyList<NamedTensor> Parameters =>
        [.. _children.SelectMany(child => NamedTensor.Qualified(child.Name, child.Layer.Parameters))];

    /// <inheritdoc/>
    public sealed override IReadOnlyList<NamedTensor> Buffers =>
        [.. _children.SelectMany(child => NamedTensor.Qualified(child.Name, child.Layer.Buffers))];

    /// <summary>Takes over a child; the order of these calls is the order of declaration.</summary>
    /// <param name="name">The child's name; empty when its tensors keep the names that they have.</param>
    /// <param name="layer">The child.</param>
    protected TLayer Add<TLayer>(string name, TLayer layer)
        where TLayer : Layer
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(layer);
        _children.Add((name, layer));
        return layer;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        foreach ((_, Layer layer) in _children)
        {
            layer.Dispose();
        }
    }
}
