using System.Globalization;
using System.Text.RegularExpressions;

namespace CurvatureActors.Actors.Configuration;

/// <summary>Times and sizes with the units that HOCON has, or without one as the key says.</summary>
internal static partial class Units
{
    /// <summary>No time is longer, some eleven days: timers of the system count milliseconds in 31 bits.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1_000_000);

    private const long Megabyte = 1_000_000;

    // In units of 100 ns.
    private static readonly Dictionary<string, decimal> Times = Named(
        (0.01m, "ns nano nanos nanosecond nanoseconds"),
        (10, "us micro micros microsecond microseconds"),
        (10_000, "ms milli millis millisecond milliseconds"),
        (10_000_000, "s second seconds"),
        (600_000_000, "m minute minutes"),
        (36_000_000_000, "h hour hours"),
        (864_000_000_000, "d day days"));

    // In bytes: powers of ten, powers of two.
    private static readonly Dictionary<string, decimal> Sizes = Named(
        (1, "B b byte bytes"),
        (1e3m, "kB kilobyte kilobytes"),
        (1e6m, "MB megabyte megabytes"),
        (1e9m, "GB gigabyte gigabytes"),
        (1e12m, "TB terabyte terabytes"),
        (1L << 10, "K k Ki KiB kibibyte kibibytes"),
        (1L << 20, "M m Mi MiB mebibyte mebibytes"),
        (1L << 30, "G g Gi GiB gibibyte gibibytes"),
        (1L << 40, "T t Ti TiB tebibyte tebibytes"));

    /// <summary>A time from <paramref name="minimum"/> to eleven days.</summary>
    /// <param name="key">The key, for errors.</param>
    /// <param name="value">Its value.</param>
    /// <param name="unit">What a number without a unit counts: <c>milliseconds</c> or <c>seconds</c>.</param>
    /// <param name="minimum">The shortest.</param>
    /// <exception cref="ConfigurationException">It is no time, or out of range.</exception>
    public static TimeSpan Duration(string key, ConfigurationValue value, string unit, TimeSpan minimum) =>
        TryRead(value, unit, Times) is not { } ticks
            ? throw SettingsReader.Mismatch(key, value, $"a number of {unit}, or a time such as 50ms, 90s or 2 minutes,")
            : ticks < minimum.Ticks || ticks > Longest.Ticks
            ? throw SettingsReader.Refused(
                key, value, $"a time from {(unit == "seconds" ? $"{minimum.TotalSeconds:f0}s" : $"{minimum.TotalMilliseconds:f0}ms")} to {Longest.TotalSeconds:f0}s")
            : TimeSpan.FromTicks((long)ticks);

    /// <summary>An amount of memory in bytes, from a megabyte; a number without a unit is megabytes.</summary>
    /// <exception cref="ConfigurationException">It is no amount, or out of range.</exception>
    public static long Megabytes(string key, ConfigurationValue value, string word) =>
        TryRead(value, "MB", Sizes) is not { } bytes
            ? throw SettingsReader.Mismatch(key, value, $"a number of megabytes, a size such as 500MB or 20GiB, or {word}")
            : bytes < Megabyte || bytes > int.MaxValue * (decimal)Megabyte
            ? throw SettingsReader.Refused(key, value, $"a size from 1MB to {int.MaxValue}MB")
            : (long)bytes;

    /// <summary>A size in bytes without any bounds; null when it is none.</summary>
    public static decimal? Bytes(ConfigurationValue value) => TryRead(value, "B", Sizes);

    /// <summary>A time without any bounds, in milliseconds; null when it is none.</summary>
    public static decimal? Milliseconds(ConfigurationValue value) => TryRead(value, "ms", Times) / 10_000;

    private static decimal? TryRead(ConfigurationValue value, string unit, Dictionary<string, decimal> units)
    {
        if (value is not TextValue { Text: var text } || Written().Match(text) is not { Success: true } match
            || !decimal.TryParse(match.Groups["number"].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number))
        {
            return null;
        }

        string named = match.Groups["unit"].Value;
        return units.TryGetValue(named.Length == 0 ? unit : named, out decimal factor)
            // Far beyond what any key allows; a product further out would not fit.
            ? Math.Clamp(number, -1e15m, 1e15m) * factor
            : null;
    }

    private static Dictionary<string, decimal> Named(params IEnumerable<(decimal Factor, string Names)> units) => units
        .SelectMany(unit => unit.Names.Split(' ').Select(name => KeyValuePair.Create(name, unit.Factor)))
        .ToDictionary();

    [GeneratedRegex(@"^(?<number>[+-]?[0-9]*\.?[0-9]+([eE][+-]?[0-9]+)?)\s*(?<unit>[A-Za-z]*)\z")]
    private static partial Regex Written();
}
