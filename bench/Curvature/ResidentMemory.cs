using System.Globalization;

namespace CurvatureActors.Bench.Curvature;

/// <summary>Memory of this process as the kernel counts it, in megabytes; NaN where there is no /proc.</summary>
internal static class ResidentMemory
{
    private const string Status = "/proc/self/status";
    private const string ClearReferences = "/proc/self/clear_refs";

    /// <summary>Most of it at once since <see cref="ForgetPeak"/>.</summary>
    internal static double Peak() => Read("VmHWM:");

    /// <summary>What it is now.</summary>
    internal static double Now() => Read("VmRSS:");

    /// <summary>Lets the peak begin anew.</summary>
    internal static void ForgetPeak()
    {
        if (File.Exists(ClearReferences))
        {
            File.WriteAllText(ClearReferences, "5");
        }
    }

    private static double Read(string field) => File.Exists(Status)
        ? double.Parse(
            File.ReadLines(Status).First(line => line.StartsWith(field, StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture) / 1e3
        : double.NaN;
}
