using static TorchSharp.torch;

namespace CurvatureActors.Training.Models;

/// <summary>A row of a table for each symbol: int64 [N, T] to [N, T, width].</summary>
public sealed class Embedding : Layer
{
    private readonly Tensor _table;

    /// <summary>A table of zeros; see Initialisation.</summary>
    public Embedding(long symbols, long width, NetworkOptions options)
    {
        _table = Parameter([symbols, width], 0, options);
        Parameters = [new("weight", _table, ParameterRole.Embedding)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<NamedTensor> Parameters { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, NetworkMode mode)
    {
        ArgumentNullException.ThrowIfNull(input);
        return _table.index_select(0, input.flatten()).view(input.shape[0], input.shape[1], -1);
    }
}
