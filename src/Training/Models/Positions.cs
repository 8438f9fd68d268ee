using CurvatureActors.Hessian;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>Adds a learned row to each position: [N, T, width] to the same shape.</summary>
public sealed class Positions : Layer
{
    private readonly Tensor _table;

    /// <summary>A table of zeros; see Initialisation.</summary>
    public Positions(long length, long width, NetworkOptions options)
    {
        _table = Parameter([length, width], 0, options);
        Parameters = [new("weight", _table, ParameterRole.Embedding)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<NamedTensor> Parameters { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode) => input.Plus(_table);
}
