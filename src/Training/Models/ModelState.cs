using CurvatureActors.Training.Data;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>The part of a snapshot that a network is: parameters and buffers.</summary>
public static class ModelState
{
    /// <summary>Before a parameter's name in a snapshot.</summary>
    public const string ParameterPrefix = "parameter.";

    /// <summary>Before a buffer's name in a snapshot.</summary>
    public const string BufferPrefix = "buffer.";

    /// <summary>Overwrites the network's parameters and buffers with the snapshot's; all or none.</summary>
    /// <exception cref="SnapshotException">The snapshot is of a different network; the message says where they differ.</exception>
    public static void Load(Network network, SnapshotBuffer snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        NamedTensor[] tensors = [.. Tensors(network)];
        foreach (NamedTensor tensor in tensors)
        {
            snapshot.RequireFits(tensor.Name, tensor.Value);
        }

        // A convolutional network can hold all the tensors of a fully connected one, shapes included.
        HashSet<string> known = [.. tensors.Select(tensor => tensor.Name)];
        if (snapshot.Header.Tensors.FirstOrDefault(tensor => IsOfNetwork(tensor.Name) && !known.Contains(tensor.Name)) is { } other)
        {
            throw new SnapshotException(
                $"The snapshot of step {snapshot.Header.Step} is of another network: it has a tensor \"{other.Name}\".");
        }

        foreach (NamedTensor tensor in tensors)
        {
            snapshot.CopyTo(tensor.Name, tensor.Value);
        }
    }

    /// <summary>
    /// Whether the network of a specification would fit a snapshot, known before any memory is taken for it. Nothing is
    /// checked for a model of the user's own: that would run its code.
    /// </summary>
    /// <exception cref="SnapshotException">The snapshot is of a different network; the message says where they differ.</exception>
    /// <exception cref="ArgumentException">The specification names something unknown or out of range.</exception>
    public static void RequireFits(ModelSpecification model, ExampleShape shape, int classes, SnapshotBuffer snapshot)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(snapshot);
        if (model.Kind == "external")
        {
            return;
        }

        using DisposeScope scope = NewDisposeScope();
        using Network network = ModelRegistry.Build(model, new NetworkOptions(shape, classes, META));
        foreach (NamedTensor tensor in Tensors(network))
        {
            snapshot.RequireFits(tensor.Name, tensor.Value);
        }
    }

    /// <summary>Parameters, then buffers, under their names in a snapshot.</summary>
    public static IEnumerable<NamedTensor> Tensors(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.Parameters.Select(tensor => tensor with { Name = ParameterPrefix + tensor.Name })
            .Concat(network.Buffers.Select(tensor => tensor with { Name = BufferPrefix + tensor.Name }));
    }

    private static bool IsOfNetwork(string name) =>
        name.StartsWith(ParameterPrefix, StringComparison.Ordinal) || name.StartsWith(BufferPrefix, StringComparison.Ordinal);
}
