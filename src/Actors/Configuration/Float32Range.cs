using System.Globalization;

namespace CurvatureActors.Actors.Configuration;

/// <summary>
/// The normal float32 numbers. Training computes in float32, so a setting beyond them would end a run with an internal
/// error, and one below them would be 0.
/// </summary>
internal static class Float32Range
{
    /// <summary>The range, for errors.</summary>
    public const string Words = "float32's range (1.2e-38 to 3.4e38)";

    /// <summary>The smallest normal number, 2^-126.</summary>
    private const double Smallest = 1.1754943508222875e-38;

    /// <summary>Whether a number is 0 or has a size within the range.</summary>
    public static bool Holds(double number) => number == 0 || Math.Abs(number) is >= Smallest and <= float.MaxValue;

    /// <summary>The number, if as a float32 it is still one of the allowed.</summary>
    /// <exception cref="ConfigurationException">It is not; the message names key and value.</exception>
    public static double Require(string key, ConfigurationValue value, double number, Interval allowed) =>
        !Holds(number)
            ? throw SettingsReader.Refused(key, value, $"{allowed.Words}, within {Words}")
            : !allowed.Contains((float)number)
            ? throw SettingsReader.Refused(
                key, value, $"{allowed.Words}, also as a float32, in which it is {((float)number).ToString(CultureInfo.InvariantCulture)}")
            : number;
}
