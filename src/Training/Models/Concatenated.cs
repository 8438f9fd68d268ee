using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>A layer of a dense block: its input and, behind it in dimension 1, what the branch makes of it.</summary>
public sealed class Concatenated : CompositeLayer
{
    private readonly Layer _branch;

    /// <summary>Takes over the branch.</summary>
    public Concatenated(Layer branch) => _branch = Add("", branch);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode) => cat([input, _branch.Forward(input, mode)], 1);
}
