using TorchSharp;

namespace CurvatureActors.Training.Data;

/// <summary>
/// Examples that a session trains on and a probe measures over, in tensors that nobody writes to: any number of
/// trainers may read one at the same time.
/// </summary>
public abstract class ExampleSet : IDisposable
{
    /// <summary>Shape of the input of one example.</summary>
    public abstract ExampleShape Shape { get; }

    /// <summary>
    /// Number of classes of a target: of labels, or of the symbols of a vocabulary; at least 1. Sets without classes
    /// say so.
    /// </summary>
    public abstract int Classes { get; }

    /// <summary>How often each class is a target, as many entries as classes; empty where nothing is classified.</summary>
    public abstract IReadOnlyList<long> LabelCounts { get; }

    /// <summary>Number of examples, N.</summary>
    public abstract int Count { get; }

    /// <summary>Copies the examples named by <paramref name="indices"/>, in that order; repeats are allowed.</summary>
    /// <param name="indices">Numbers from 0 to <see cref="Count"/> - 1.</param>
    /// <returns>
    /// Inputs [B, ...] and targets, int64 [B] or [B, positions], on the device of the set; they belong to the caller (or
    /// its dispose scope).
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is not that of an example.</exception>
    public abstract (torch.Tensor Inputs, torch.Tensor Targets) Batch(ReadOnlySpan<long> indices);

    /// <summary>Frees the tensors. A set that <see cref="DataSets"/> shares lives as long as the process.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the tensors.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>The numbers of a batch as a tensor, after a check that they are those of examples.</summary>
    private protected torch.Tensor Selection(ReadOnlySpan<long> indices, torch.Device device)
    {
        foreach (long index in indices)
        {
            if (index < 0 || index >= Count)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(indices), index, $"There are {Shape.What} 0 to {Count - 1}.");
            }
        }

        return torch.tensor(indices.ToArray(), torch.ScalarType.Int64, device);
    }

    /// <summary>Counts the targets of each class.</summary>
    /// <exception cref="ArgumentException">A target is not the number of a class.</exception>
    private protected static IReadOnlyList<long> CountsOf(ReadOnlySpan<long> targets, int classes)
    {
        long[] counts = new long[classes];
        foreach (long target in targets)
        {
            if (target < 0 || target >= classes)
            {
                throw new ArgumentException($"The target {target} is not a number from 0 to {classes - 1}.", nameof(targets));
            }

            counts[target]++;
        }

        return counts;
    }

    private protected static torch.Tensor Move(torch.Tensor tensor, torch.Device device)
    {
        torch.Tensor moved = tensor.to(device);
        if (!ReferenceEquals(moved, tensor))
        {
            tensor.Dispose();
        }

        return moved;
    }
}
