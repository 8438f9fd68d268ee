using TorchSharp;

namespace CurvatureActors.Training.Data;

/// <summary>
/// Noise vectors for models whose loss is known in closed form; nothing is classified, so every target is -1, which no
/// prediction meets, and accuracy is 0.
/// </summary>
public sealed class SyntheticDataSet : ExampleSet
{
    private readonly torch.Tensor _noise;
    private readonly torch.Tensor _targets;
    private readonly bool _shared;

    /// <summary>Takes over the noise, float32 [N, length], N at least 1.</summary>
    /// <exception cref="ArgumentException">Type or shape are not as above.</exception>
    public SyntheticDataSet(torch.Tensor noise)
        : this(noise, shared: false)
    {
    }

    internal SyntheticDataSet(torch.Tensor noise, bool shared)
    {
        ArgumentNullException.ThrowIfNull(noise);
        if (noise.dtype != torch.ScalarType.Float32 || noise.dim() != 2 || noise.shape[0] < 1)
        {
            throw new ArgumentException(
                $"Noise is float32 [N, length], not {noise.dtype} [{string.Join(", ", noise.shape)}].", nameof(noise));
        }

        _noise = noise.DetachFromDisposeScope();
        using Scalar none = (-1).ToScalar();
        _targets = torch.full([noise.shape[0]], none, torch.ScalarType.Int64, noise.device).DetachFromDisposeScope();
        Shape = new VectorShape((int)noise.shape[1]);
        Count = (int)noise.shape[0];
        _shared = shared;
    }

    /// <inheritdoc/>
    public override VectorShape Shape { get; }

    /// <summary>2: the least that a model takes; there are none.</summary>
    public override int Classes => 2;

    /// <summary>Empty.</summary>
    public override IReadOnlyList<long> LabelCounts => [];

    /// <inheritdoc/>
    public override int Count { get; }

    /// <inheritdoc/>
    public override (torch.Tensor Inputs, torch.Tensor Targets) Batch(ReadOnlySpan<long> indices)
    {
        using torch.Tensor selection = Selection(indices, _noise.device);
        return (_noise.index_select(0, selection), _targets.index_select(0, selection));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!_shared)
        {
            _noise.Dispose();
            _targets.Dispose();
        }
    }
}
