namespace CurvatureActors.Training.Data;

/// <summary>
/// Which examples make up the next batch: every epoch visits the examples in a new random order without replacement.
/// </summary>
/// <remarks>
/// The order of epoch e is a function of seed and e alone, and the whole state is <see cref="Position"/>: a snapshot
/// holds one number. When the batch size does not divide the number of examples, the incomplete last batch of an
/// epoch is dropped, so every step has a batch of the same size; the left-over examples differ from epoch to epoch.
/// Not thread-safe.
/// </remarks>
public sealed class BatchSampler
{
    private const int Purpose = 1;

    private readonly int _batchSize;
    private readonly int _seed;
    private readonly int[] _order;
    private long _orderEpoch = -1;
    private long _position;

    /// <summary>A sampler at the start of epoch 0.</summary>
    /// <param name="examples">Number of training examples.</param>
    /// <param name="batchSize">Examples of a batch.</param>
    /// <param name="seed">Any value.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A number is below 1, or the batch is larger than the data set.
    /// </exception>
    public BatchSampler(int examples, int batchSize, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(examples, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (batchSize > examples)
        {
            throw new ArgumentOutOfRangeException(
                nameof(batchSize),
                batchSize,
                $"A batch of {batchSize} examples cannot be drawn from {examples} without replacement.");
        }
        _batchSize = batchSize;
        _seed = seed;
        _order = new int[examples];
        BatchesPerEpoch = examples / batchSize;
    }

    /// <summary>Complete batches of one epoch.</summary>
    public int BatchesPerEpoch { get; }

    /// <summary>The epoch of the next batch, from 0.</summary>
    public long Epoch => _position / PerEpoch;

    /// <summary>
    /// Number of examples drawn so far (dropped ones are not counted): the whole state. Set it to continue from there.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or within a batch.</exception>
    public long Position
    {
        get => _position;
        set
        {
            if (value < 0 || value % _batchSize != 0)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(value), value, $"A position is a non-negative multiple of the batch size {_batchSize}.");
            }
            _position = value;
        }
    }

    private long PerEpoch => (long)BatchesPerEpoch * _batchSize;

    /// <summary>Writes the examples of the next batch and moves on.</summary>
    /// <param name="indices">Receives numbers from 0 to examples - 1; as long as a batch.</param>
    /// <exception cref="ArgumentException">The span is not as long as a batch.</exception>
    public void Next(Span<long> indices)
    {
        if (indices.Length != _batchSize)
        {
            throw new ArgumentException(
                $"A batch has {_batchSize} examples; there is room for {indices.Length}.", nameof(indices));
        }

        if (_orderEpoch != Epoch)
        {
            for (int i = 0; i < _order.Length; i++)
            {
                _order[i] = i;
            }
            SplitMix64.For(Purpose, _seed, Epoch).Shuffle<int>(_order);
            _orderEpoch = Epoch;
        }
        int start = (int)(_position % PerEpoch);
        for (int i = 0; i < indices.Length; i++)
        {
            indices[i] = _order[start + i];
        }
        _position += _batchSize;
    }
}
