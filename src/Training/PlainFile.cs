using System.Runtime.InteropServices;

namespace CurvatureActors.Training;

/// <summary>
/// Whether a path leads to an ordinary file. Asked before it is opened: a pipe may never have a beginning, so that who opens
/// it waits for ever, and a device has no end.
/// </summary>
public static partial class PlainFile
{
    private const int AtCurrentFolder = -100;
    private const uint WantType = 1;
    private const int LengthOfStatx = 256;
    private const int PlaceOfMode = 28;
    private const int TypeOfFile = 0xF000;

    private static readonly Dictionary<int, string> Kinds = new()
    {
        [0x1000] = "a pipe",
        [0x2000] = "a device",
        [0x4000] = "a folder",
        [0x6000] = "a device",
        [0xC000] = "a socket",
    };

    /// <summary>What stands there instead of a file, in words ("a pipe"), links followed.</summary>
    /// <returns>Null for an ordinary file, and where there is nothing or nobody can tell.</returns>
    public static string? Instead(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Directory.Exists(path) ? "a folder" : OperatingSystem.IsLinux() ? OnLinux(path) : null;
    }

    private static string? OnLinux(string path)
    {
        Span<byte> status = stackalloc byte[LengthOfStatx];
        try
        {
            return Status(AtCurrentFolder, path, 0, WantType, status) == 0
                ? Kinds.GetValueOrDefault(BitConverter.ToUInt16(status[PlaceOfMode..]) & TypeOfFile)
                : null;
        }
        catch (EntryPointNotFoundException)
        {
            // A C library from before this call.
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int folder, string path, int flags, uint wanted, Span<byte> status);
}
