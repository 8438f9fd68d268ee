namespace CurvatureActors.Training.Snapshots;

/// <summary>
/// Keeps the memory of disposed snapshots for the next ones, since a run takes many of one size and fresh pages cost
/// more than the copy. Thread-safe.
/// </summary>
/// <param name="keep">Most idle blocks kept; the oldest are freed beyond it.</param>
public sealed class SnapshotPool(int keep = 4) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<SnapshotBlock> _idle = [];
    private long _bytesInUse;
    private int _buffersInUse;
    private bool _disposed;

    /// <summary>The pool used where none is named.</summary>
    public static SnapshotPool Shared { get; } = new();

    /// <summary>Bytes held by snapshots that are not disposed.</summary>
    public long BytesInUse => Interlocked.Read(ref _bytesInUse);

    /// <summary>Snapshots that are not disposed, however many references each has.</summary>
    public int BuffersInUse => Volatile.Read(ref _buffersInUse);

    /// <summary>Bytes kept for later.</summary>
    public long BytesIdle
    {
        get
        {
            lock (_lock)
            {
                return _idle.Sum(block => block.Capacity);
            }
        }
    }

    /// <summary>Frees what is idle; blocks still in use are freed when they come back.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _idle.ForEach(block => block.Dispose());
            _idle.Clear();
        }
    }

    internal SnapshotBlock Rent(long length)
    {
        SnapshotBlock? block = null;
        lock (_lock)
        {
            // Not more than twice the need: a small snapshot must not sit on a large one's memory.
            int index = _idle.FindLastIndex(idle => idle.Capacity >= length && idle.Capacity / 2 <= length);
            if (index >= 0)
            {
                block = _idle[index];
                _idle.RemoveAt(index);
            }
        }

        block ??= new SnapshotBlock(length);
        Interlocked.Add(ref _bytesInUse, block.Capacity);
        Interlocked.Increment(ref _buffersInUse);
        return block;
    }

    internal void Return(SnapshotBlock block)
    {
        Forget(block);
        lock (_lock)
        {
            if (_disposed || keep == 0)
            {
                block.Dispose();
                return;
            }

            if (_idle.Count == keep)
            {
                _idle[0].Dispose();
                _idle.RemoveAt(0);
            }

            _idle.Add(block);
        }
    }

    /// <summary>The block is no longer in use; its memory is somebody else's business.</summary>
    internal void Forget(SnapshotBlock block)
    {
        Interlocked.Add(ref _bytesInUse, -block.Capacity);
        Interlocked.Decrement(ref _buffersInUse);
    }
}
