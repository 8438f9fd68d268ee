using System.Globalization;
using CurvatureActors.Actors.Monitoring;

namespace CurvatureActors.Cli.Display;

/// <summary>How numbers look wherever people read them.</summary>
internal static class Numbers
{
    /// <summary>What stands for a value that is not there.</summary>
    public const string Missing = "-";

    /// <summary>How far a run is: of its initialisation, or of its training.</summary>
    public static string Place(RunProgress progress) => progress.Phase is { } phase
        ? $"{phase.Phase} {phase.Step}/{phase.Steps}"
        : $"{progress.Step}/{progress.Steps}";

    /// <summary>Four significant digits.</summary>
    public static string Short(double? value) => value switch
    {
        null => Missing,
        double.NaN => "NaN",
        { } number => number.ToString("g4", CultureInfo.InvariantCulture),
    };

    /// <summary>A share as a percentage.</summary>
    public static string Percent(double? share) => share is { } number and not double.NaN
        ? (100 * number).ToString("f1", CultureInfo.InvariantCulture) + "%"
        : Missing;

    /// <summary>A value with its error.</summary>
    public static string WithError(double? value, double? error) =>
        value is null ? Missing : $"{Short(value)} ±{(error is { } e ? e.ToString("g1", CultureInfo.InvariantCulture) : "?")}";

    /// <summary>A span of time in its two largest units.</summary>
    public static string Duration(TimeSpan? span) => span switch
    {
        null => Missing,
        { TotalHours: >= 1 } time => $"{(int)time.TotalHours}h{time.Minutes:00}m",
        { TotalMinutes: >= 1 } time => $"{time.Minutes}m{time.Seconds:00}s",
        { } time => $"{Math.Max(0, (int)Math.Ceiling(time.TotalSeconds))}s",
    };
}
