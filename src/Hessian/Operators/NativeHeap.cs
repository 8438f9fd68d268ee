using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>Bytes that native code holds: the one way to learn what a graph costs, since autograd does not say.</summary>
internal static partial class NativeHeap
{
    /// <summary>
    /// Bytes allocated in this process, or null where that is unknown: off the CPU, or without glibc 2.33. Other
    /// threads count too, so a difference is an estimate; nothing but memory and time may depend on it.
    /// </summary>
    internal static long? Allocated(Device device)
    {
        if (device.type != TorchSharp.DeviceType.CPU || !OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            AllocationInfo info = mallinfo2();
            return (long)(info.Used + info.Mapped);
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            return null;
        }
    }

#pragma warning disable IDE1006 // The C library's name.
    [LibraryImport("libc.so.6")]
    private static partial AllocationInfo mallinfo2();
#pragma warning restore IDE1006

    /// <summary>struct mallinfo2 of malloc.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct AllocationInfo
    {
        internal readonly nuint Arena;
        internal readonly nuint FreeChunks;
        internal readonly nuint FastChunks;
        internal readonly nuint Maps;
        internal readonly nuint Mapped;
        internal readonly nuint Unused;
        internal readonly nuint FastFree;
        internal readonly nuint Used;
        internal readonly nuint Free;
        internal readonly nuint Releasable;
    }
}
