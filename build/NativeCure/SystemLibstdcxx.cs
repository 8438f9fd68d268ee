using System.Runtime.InteropServices;
using System.Text;

namespace CurvatureActors.NativeCure;

/// <summary>The C++ runtime of this machine.</summary>
public static class SystemLibstdcxx
{
    /// <summary>
    /// Whether the libstdc++ that the loader would pick exports <paramref name="version"/>; null where there is
    /// none (another operating system).
    /// </summary>
    public static bool? Exports(string version)
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libstdc++.so.6", out _))
        {
            return null;
        }

        string? path = File.ReadLines("/proc/self/maps")
            .Select(line => line.IndexOf('/', StringComparison.Ordinal) is var at and >= 0 ? line[at..] : "")
            .FirstOrDefault(path => Path.GetFileName(path).StartsWith("libstdc++.so", StringComparison.Ordinal));
        return path is null ? null : File.ReadAllBytes(path).AsSpan().IndexOf(Encoding.ASCII.GetBytes($"{version}\0")) >= 0;
    }
}
