using System.Globalization;

namespace CurvatureActors.Cli;

/// <summary>SIGHUP, which the closing of a terminal sends.</summary>
internal static class HangUp
{
    private const int Number = 1;

    /// <summary>
    /// Whether the process was started so as not to hear it, as <c>nohup</c> does (Linux): then it is not listened to, which
    /// would undo that.
    /// </summary>
    public static bool IsIgnored { get; } = OperatingSystem.IsLinux() && ReadIgnored();

    private static bool ReadIgnored()
    {
        const string Field = "SigIgn:";
        string? line = File.ReadLines("/proc/self/status").FirstOrDefault(text => text.StartsWith(Field, StringComparison.Ordinal));
        return line is not null
            && ulong.TryParse(line.AsSpan(Field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong mask)
            && (mask & (1UL << (Number - 1))) != 0;
    }
}
