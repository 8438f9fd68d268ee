using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace CurvatureActors.Actors.Configuration;

/// <summary>Whole numbers as people write them: 300, 3e2 and 300.0 are one number, and none is rounded to become whole.</summary>
internal static partial class WholeNumber
{
    // Beyond any key's range; a larger exponent would only fill the memory.
    private const int MostDigits = 40;

    /// <summary>The number of a text; null when it is none, or not whole. One of very many digits is cut off at 1e40.</summary>
    public static BigInteger? TryRead(string? text)
    {
        if (text is null || Written().Match(text) is not { Success: true } match)
        {
            return null;
        }

        string fraction = match.Groups["fraction"].Value.TrimEnd('0');
        string digits = (match.Groups["whole"].Value + fraction).TrimStart('0');
        if (digits.Length == 0)
        {
            return BigInteger.Zero;
        }

        string power = match.Groups["power"].Value;
        BigInteger exponent = (power.Length == 0 ? 0 : Power(power)) - fraction.Length;
        int zeros = digits.Length - digits.TrimEnd('0').Length;
        if (exponent < -zeros)
        {
            return null;
        }

        BigInteger size = digits.Length + exponent > MostDigits
            ? BigInteger.Pow(10, MostDigits)
            : exponent < 0
            ? BigInteger.Parse(digits[..^(int)-exponent], CultureInfo.InvariantCulture)
            : BigInteger.Parse(digits, CultureInfo.InvariantCulture) * BigInteger.Pow(10, (int)exponent);
        return text[0] == '-' ? -size : size;
    }

    // An exponent of more digits than any number has is as good as this one.
    private static BigInteger Power(string text) => text.Length <= 9
        ? BigInteger.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
        : text[0] == '-' ? -1_000_000_000 : 1_000_000_000;

    [GeneratedRegex(@"^[+-]?(?=\.?[0-9])(?<whole>[0-9]*)(\.(?<fraction>[0-9]*))?([eE](?<power>[+-]?[0-9]+))?\z")]
    private static partial Regex Written();
}
