using System.Runtime.InteropServices;

namespace CurvatureActors.Training.Snapshots;

/// <summary>Unmanaged memory, aligned to 64 bytes: spans end at 2 GB and the garbage collector should not scan this.</summary>
internal sealed unsafe class SnapshotBlock : IDisposable
{
    private const long Granularity = 4096;

    private byte* _pointer;

    internal SnapshotBlock(long length)
    {
        // Headers differ by a few digits from snapshot to snapshot; rounding up lets them share blocks.
        Capacity = (length + Granularity - 1) / Granularity * Granularity;
        _pointer = (byte*)NativeMemory.AlignedAlloc(checked((nuint)Capacity), 64);
    }

    // Only blocks that were lost by their owners get here.
    ~SnapshotBlock() => Release();

    internal long Capacity { get; }

    internal byte* Pointer => _pointer;

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
    }
}
