using TorchSharp;

namespace CurvatureActors.Training.Data;

/// <summary>
/// Windows of a text, one after the other without overlap; the target of each position is the symbol that follows it,
/// that of the last one the first symbol of the next window.
/// </summary>
public sealed class TextDataSet : ExampleSet
{
    private readonly torch.Tensor _windows;
    private readonly bool _shared;

    /// <summary>The first windows of a text.</summary>
    /// <param name="symbols">The text as numbers of its vocabulary.</param>
    /// <param name="length">Positions of a window, at least 1.</param>
    /// <param name="classes">Size of the vocabulary.</param>
    /// <param name="count">How many windows; null for all.</param>
    /// <exception cref="ArgumentException">The text is too short, or a symbol is not of the vocabulary.</exception>
    public TextDataSet(ReadOnlySpan<long> symbols, int length, int classes, int? count = null)
        : this(symbols, length, classes, count ?? Windows(symbols.Length, length), torch.CPU, shared: false)
    {
    }

    internal TextDataSet(
        ReadOnlySpan<long> symbols, int length, int classes, int count, torch.Device device, bool shared)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        if (count < 1 || count > Windows(symbols.Length, length))
        {
            throw new ArgumentException(
                $"{count} windows of {length} symbols and their targets cannot be cut from a text of {symbols.Length}.",
                nameof(count));
        }

        if (symbols.ContainsAnyExceptInRange(0, classes - 1))
        {
            throw new ArgumentException($"Symbols are numbers from 0 to {classes - 1}.", nameof(symbols));
        }

        // The first symbol is never a target.
        LabelCounts = CountsOf(symbols[1..((count * length) + 1)], classes);
        using (torch.NewDisposeScope())
        {
            torch.Tensor text = torch.tensor(symbols[..((count * length) + 1)].ToArray(), torch.ScalarType.Int64);
            _windows = text.unfold(0, length + 1, length).contiguous().to(device).DetachFromDisposeScope();
        }

        Shape = new SequenceShape(length);
        Classes = classes;
        Count = count;
        _shared = shared;
    }

    /// <inheritdoc/>
    public override SequenceShape Shape { get; }

    /// <summary>Size of the vocabulary.</summary>
    public override int Classes { get; }

    /// <summary>How often each symbol is a target.</summary>
    public override IReadOnlyList<long> LabelCounts { get; }

    /// <summary>Number of windows.</summary>
    public override int Count { get; }

    /// <summary>How many windows a text of so many symbols has; the last one needs a symbol after it.</summary>
    public static int Windows(int symbols, int length) => Math.Max(0, (symbols - 1) / length);

    /// <inheritdoc/>
    public override (torch.Tensor Inputs, torch.Tensor Targets) Batch(ReadOnlySpan<long> indices)
    {
        using torch.Tensor selection = Selection(indices, _windows.device);
        using torch.Tensor windows = _windows.index_select(0, selection);
        using torch.Tensor inputs = windows.narrow(1, 0, Shape.Length);
        using torch.Tensor targets = windows.narrow(1, 1, Shape.Length);
        return (inputs.contiguous(), targets.contiguous());
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!_shared)
        {
            _windows.Dispose();
        }
    }
}
