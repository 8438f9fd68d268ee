using System.Runtime.InteropServices;

namespace CurvatureActors.Hessian.Native;

/// <summary>The few functions of the C library that .NET has no counterpart for.</summary>
internal static partial class LibC
{
    /// <summary>glibc's M_TRIM_THRESHOLD (malloc.h).</summary>
    internal const int TrimThreshold = -1;

    /// <summary>glibc's M_TOP_PAD.</summary>
    internal const int TopPad = -2;

    /// <summary>glibc's M_MMAP_THRESHOLD.</summary>
    internal const int MmapThreshold = -3;

    /// <summary>glibc's M_ARENA_MAX.</summary>
    internal const int ArenaMax = -8;

    /// <summary>Sets a variable in the C environment; 0 on success.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SetEnvironment(string name, string value, int overwrite);

    /// <summary>Sets a parameter of glibc's allocator; 1 on success. The name of the file keeps musl out.</summary>
    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    internal static partial int SetAllocator(int parameter, int value);
}
