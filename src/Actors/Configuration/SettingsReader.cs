using System.Globalization;
using System.Text.RegularExpressions;
using CurvatureActors.Training;

namespace CurvatureActors.Actors.Configuration;

/// <summary>Settings by type and range. Every error names the key, the value and what is allowed.</summary>
internal sealed partial class SettingsReader(Settings settings)
{
    private const string DoubleRange = "a double's range (4.9e-324 to 1.8e308)";

    private readonly HashSet<string> _keys = [];
    private readonly HashSet<string> _wholeNumbers = [];

    /// <summary>The keys asked for so far: how the rest of the program knows which keys a run is made of.</summary>
    public IReadOnlySet<string> Keys => _keys;

    /// <summary>Those among <see cref="Keys"/> that hold a whole number.</summary>
    public IReadOnlySet<string> WholeNumbers => _wholeNumbers;

    /// <summary>A text. HOCON's null is none: a folder of that name has to be quoted.</summary>
    public string Text(string key) => Get(key) is TextValue { Text: var text } value && value is not { Text: "null", Quoted: false }
        ? text
        : throw Mismatch(key, Get(key), "a text, in quotation marks,");

    public bool Switch(string key) => Scalar(Get(key)) switch
    {
        "on" or "true" or "yes" => true,
        "off" or "false" or "no" => false,
        _ => throw Mismatch(key, Get(key), "on or off"),
    };

    /// <summary>A whole number, however it is written: 300, 3e2 and 300.0 are the same.</summary>
    /// <param name="key">The key.</param>
    /// <param name="minimum">The least.</param>
    /// <param name="maximum">The most.</param>
    /// <param name="of">What it counts, for errors.</param>
    public int Whole(string key, int minimum, int maximum = int.MaxValue, string? of = null)
    {
        _ = _wholeNumbers.Add(key);
        return Whole(key, Get(key), minimum, maximum, "a whole number", of);
    }

    /// <summary>A whole number, or null for a word such as <c>all</c>.</summary>
    public int? WholeOr(string word, string key, int minimum, int maximum = int.MaxValue)
    {
        _ = _wholeNumbers.Add(key);
        ConfigurationValue value = Get(key);
        return IsWord(value, word) ? null : Whole(key, value, minimum, maximum, $"a whole number or {word}");
    }

    /// <summary>A number that the program computes with in double precision.</summary>
    public double Number(string key, Interval allowed) => Number(key, Get(key), allowed, "a number", DoubleRange);

    /// <summary>A number that training takes as a float32: it must be one of the allowed ones as such too.</summary>
    public double Single(string key, Interval allowed) => Single(key, Get(key), allowed, "a number");

    /// <summary>The same, or null for a word such as <c>off</c>.</summary>
    public double? SingleOr(string word, string key, Interval allowed)
    {
        ConfigurationValue value = Get(key);
        return IsWord(value, word) ? null : Single(key, value, allowed, $"a number or {word}");
    }

    /// <summary>A number, or null for a word such as <c>off</c>.</summary>
    public double? NumberOr(string word, string key, Interval allowed)
    {
        ConfigurationValue value = Get(key);
        return IsWord(value, word) ? null : Number(key, value, allowed, $"a number or {word}", DoubleRange);
    }

    public string OneOf(string key, IReadOnlyList<string> names) => OneOf(key, Get(key), names);

    public EquatableList<string> SomeOf(string key, IReadOnlyList<string> names) =>
        [.. Items(key, "a list of names").Select(item => OneOf(key, item, names))];

    public EquatableList<int> Wholes(string key, int minimum) =>
        [.. Items(key, "a list of whole numbers").Select(item => Whole(key, item, minimum, int.MaxValue, "a whole number"))];

    public EquatableList<double> Singles(string key, Interval allowed) =>
        [.. Items(key, "a list of numbers").Select(item => Single(key, item, allowed, "a number"))];

    /// <summary>A time, at least one millisecond; a number without a unit is milliseconds.</summary>
    public TimeSpan Milliseconds(string key) => Units.Duration(key, Get(key), "milliseconds", TimeSpan.FromMilliseconds(1));

    /// <summary>A time; a number without a unit is seconds.</summary>
    public TimeSpan Seconds(string key, int minimum) => Units.Duration(key, Get(key), "seconds", TimeSpan.FromSeconds(minimum));

    /// <summary>An amount of memory in bytes, or null for a word; a number without a unit is megabytes.</summary>
    public long? MegabytesOr(string word, string key)
    {
        ConfigurationValue value = Get(key);
        return IsWord(value, word) ? null : Units.Megabytes(key, value, word);
    }

    /// <summary>The items of a list.</summary>
    public IReadOnlyList<ConfigurationValue> Items(string key, string expected) =>
        (Get(key) as ListValue)?.Items ?? throw Mismatch(key, Get(key), expected);

    /// <summary>The members of a section of free keys.</summary>
    public OrderedDictionary<string, ConfigurationValue> Members(string key) =>
        (Get(key) as SectionValue)?.Members ?? throw Mismatch(key, Get(key), "a section of keys and their values");

    /// <summary>The value of a key as it is.</summary>
    public ConfigurationValue Get(string key)
    {
        _ = _keys.Add(key);
        return settings[key];
    }

    /// <summary>A value in an error: text in quotation marks, numbers and lists as they are.</summary>
    public static string Shown(ConfigurationValue value)
    {
        // "nan" parses as a number, but to a reader it is a word.
        string text = value is TextValue scalar
            && (scalar.Text.Any(char.IsLetter) && !scalar.Text.Any(char.IsDigit)
                || !double.TryParse(scalar.Text, CultureInfo.InvariantCulture, out _))
            ? ConfigurationValue.Quote(scalar.Text)
            : value.Render();
        string shown = text.Length <= 100 ? text : text[..100] + "...";
        return value is TextValue { Text: var written } && InvisibleCharacters.Of(written) is { Count: > 0 } unseen
            ? $"{shown} (which contains {string.Join(", ", unseen)})"
            : shown;
    }

    public static ConfigurationException Mismatch(string key, ConfigurationValue value, string expected, string hint = "") =>
        new($"{ReferenceConfiguration.Prefix}{key} is {Shown(value)}; {expected} is expected{hint}.");

    public static ConfigurationException Refused(string key, ConfigurationValue value, string allowed) =>
        new($"{ReferenceConfiguration.Prefix}{key} is {Shown(value)}; allowed is {allowed}.");

    /// <summary>A finite number of any size, as a sweep's bounds are.</summary>
    public static double? TryNumber(ConfigurationValue value) =>
        double.TryParse(Scalar(value), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
        && double.IsFinite(number)
            ? number
            : null;

    private static int Whole(
        string key, ConfigurationValue value, int minimum, int maximum, string expected, string? of = null)
    {
        if (WholeNumber.TryRead(Scalar(value)) is not { } whole)
        {
            throw NoNumber(key, value, expected, of);
        }

        return whole < minimum || whole > maximum
            ? throw Refused(key, value, maximum < int.MaxValue || whole > maximum
                ? $"a whole number from {minimum} to {maximum}"
                : $"a whole number of at least {minimum}")
            : (int)whole;
    }

    private static double Single(string key, ConfigurationValue value, Interval allowed, string expected) =>
        Float32Range.Require(key, value, Number(key, value, allowed, expected, Float32Range.Words), allowed);

    private static double Number(string key, ConfigurationValue value, Interval allowed, string expected, string range)
    {
        string? text = Scalar(value);
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
        {
            throw NoNumber(key, value, expected);
        }

        if (Numeral().IsMatch(text!) && (double.IsInfinity(number) || (number == 0 && NotZero().IsMatch(text!))))
        {
            throw Refused(key, value, $"{allowed.Words}, within {range}");
        }

        // Adding 0 makes -0 into 0: two ways to write nothing must not be two identities.
        return double.IsFinite(number) && allowed.Contains(number) ? number + 0.0 : throw Refused(key, value, allowed.Words);
    }

    // The two slips that a number with a comma or a unit most probably is.
    private static ConfigurationException NoNumber(string key, ConfigurationValue value, string expected, string? of = null)
    {
        string text = Scalar(value) ?? "";
        return WithComma().IsMatch(text)
            ? Mismatch(key, value, expected, "; the decimal sign is a point, as in 0.1, and thousands are not separated")
            : WithUnit().IsMatch(text)
            ? Mismatch(key, value, of is null ? expected : $"{expected} of {of}", ", without a unit")
            : Mismatch(key, value, expected);
    }

    private static string OneOf(string key, ConfigurationValue value, IReadOnlyList<string> names) =>
        Scalar(value) is string name && names.Contains(name)
            ? name
            : throw new ConfigurationException(
                $"{ReferenceConfiguration.Prefix}{key} {(value is TextValue ? "is" : "has")} {Shown(value)}; allowed are {string.Join(", ", names)}.");

    private static bool IsWord(ConfigurationValue value, string word) =>
        value is TextValue text && (text.Text == word || text is { Text: "null", Quoted: false });

    private static string? Scalar(ConfigurationValue value) => (value as TextValue)?.Text;

    [GeneratedRegex(@"^[+-]?[0-9]+(,[0-9]+)+(\.[0-9]+)?([eE][+-]?[0-9]+)?\z")]
    private static partial Regex WithComma();

    [GeneratedRegex(@"^[+-]?[0-9.]+([eE][+-]?[0-9]+)?\s*[\p{L}%/]+\z")]
    private static partial Regex WithUnit();

    [GeneratedRegex("^[^eE]*[0-9]")]
    private static partial Regex Numeral();

    [GeneratedRegex("^[^eE]*[1-9]")]
    private static partial Regex NotZero();
}
