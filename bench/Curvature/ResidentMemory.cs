using System.Globalization;

namespace CurvatureActors.Bench.Curvature;

/// <summary>Memory of this process as the kernel counts it.</summary>
internal static class ResidentMemory
{
    private const string Status = "/proc/self/status";

    /// <summary>Megabytes; NaN where there is no /proc.</summary>
    internal static double Now() => File.Exists(Status)
        ? double.Parse(
            File.ReadLines(Status).First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture) / 1e3
        : double.NaN;
}
