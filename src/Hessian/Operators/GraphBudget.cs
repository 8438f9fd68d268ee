namespace CurvatureActors.Hessian.Operators;

/// <summary>
/// Bytes that the kept graphs of several operators may take together, whatever threads they are on. An operator that gets
/// none goes on without: nobody waits for anybody.
/// </summary>
public sealed class GraphBudget
{
    private long _used;
    private long _peak;

    /// <summary>A budget of which nothing is used.</summary>
    /// <param name="bytes">At least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">They are negative.</exception>
    public GraphBudget(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = bytes;
    }

    /// <summary>All of it.</summary>
    public long Bytes { get; }

    /// <summary>Bytes of the graphs that are kept now.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>The most that was ever used.</summary>
    public long Peak => Interlocked.Read(ref _peak);

    /// <summary>Takes all of so many bytes or none.</summary>
    internal bool TryTake(long bytes)
    {
        long used = Used;
        while (bytes <= Bytes - used)
        {
            long found = Interlocked.CompareExchange(ref _used, used + bytes, used);
            if (found == used)
            {
                Raise(used + bytes);
                return true;
            }

            used = found;
        }

        return false;
    }

    /// <summary>Gives back what was taken.</summary>
    internal void GiveBack(long bytes) => Interlocked.Add(ref _used, -bytes);

    private void Raise(long used)
    {
        long peak = Peak;
        while (used > peak)
        {
            long found = Interlocked.CompareExchange(ref _peak, used, peak);
            if (found == peak)
            {
                return;
            }

            peak = found;
        }
    }
}
