using System.Runtime.InteropServices;

namespace CurvatureActors.Bench.Memory;

/// <summary>What glibc's allocator says about itself.</summary>
internal static partial class NativeHeap
{
    /// <summary>
    /// Megabytes that were allocated and not freed, in all arenas and mapped blocks. Resident memory also holds what
    /// the allocator keeps for later; this tells a leak from that. NaN where there is no glibc 2.33 or later.
    /// </summary>
    internal static double InUseMegabytes()
    {
        if (!OperatingSystem.IsLinux())
        {
            return double.NaN;
        }

        try
        {
            MallocInfo info = Information();
            return (info.AllocatedBytes + info.MappedBytes) / 1e6;
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            return double.NaN;
        }
    }

    [LibraryImport("libc", EntryPoint = "mallinfo2")]
    private static partial MallocInfo Information();

    /// <summary>struct mallinfo2 of malloc.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct MallocInfo(
        nuint ArenaBytes,
        nuint FreeBlocks,
        nuint FastBlocks,
        nuint MappedBlocks,
        nuint MappedBytes,
        nuint Unused,
        nuint FastBytes,
        nuint AllocatedBytes,
        nuint FreeBytes,
        nuint TrimmableBytes);
}
