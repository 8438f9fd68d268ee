using System.Globalization;

namespace CurvatureActors.Cli.Reports;

/// <summary>Numbers as people read them.</summary>
internal static class NumberText
{
    /// <summary>Some significant digits, no exponent where it can be helped; an en dash for nothing.</summary>
    public static string Short(double? value, int digits = 3) => value switch
    {
        null => "–",
        double.NaN => "NaN",
        double.PositiveInfinity => "∞",
        double.NegativeInfinity => "−∞",
        0 => "0",
        double v when Math.Abs(v) is >= 1e5 or < 1e-4 =>
            v.ToString("0." + new string('#', digits - 1) + "e0", CultureInfo.InvariantCulture),
        double v => Fixed(v, digits),
    };

    /// <summary>A share as per cent.</summary>
    public static string Percent(double? share) => share is { } value && double.IsFinite(value)
        ? (100 * value).ToString("0.0", CultureInfo.InvariantCulture) + " %"
        : Short(share);

    /// <summary>A number of things.</summary>
    public static string Count(int count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many ?? one + "s")}");

    private static string Fixed(double value, int digits)
    {
        int decimals = Math.Max(0, digits - 1 - (int)Math.Floor(Math.Log10(Math.Abs(value))));
        string text = value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;
    }
}
