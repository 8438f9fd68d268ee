using System.Globalization;
using System.Numerics;
using CurvatureActors.Training;

namespace CurvatureActors.Actors.Configuration;

/// <summary>Settings by type and range. Every error names the key, the value and what is allowed.</summary>
internal sealed class SettingsReader(Settings settings)
{
    private readonly HashSet<string> _keys = [];
    private readonly HashSet<string> _wholeNumbers = [];

    /// <summary>The keys asked for so far: how the rest of the program knows which keys a run is made of.</summary>
    public IReadOnlySet<string> Keys => _keys;

    /// <summary>Those among <see cref="Keys"/> that hold a whole number.</summary>
    public IReadOnlySet<string> WholeNumbers => _wholeNumbers;

    public string Text(string key) => Scalar(Get(key)) ?? throw Mismatch(key, Get(key), "a text");

    public bool Switch(string key) => Scalar(Get(key)) switch
    {
        "on" or "true" or "yes" => true,
        "off" or "false" or "no" => false,
        _ => throw Mismatch(key, Get(key), "on or off"),
    };

    public int Whole(string key, int minimum, int maximum = int.MaxValue)
    {
        _ = _wholeNumbers.Add(key);
        return Whole(key, Get(key), minimum, maximum, "a whole number");
    }

    /// <summary>A whole number, or null for a word such as <c>all</c>.</summary>
    public int? WholeOr(string word, string key, int minimum, int maximum = int.MaxValue)
    {
        _ = _wholeNumbers.Add(key);
        ConfigurationValue value = Get(key);
        return IsWord(value, word) ? null : Whole(key, value, minimum, maximum, $"a whole number or {word}");
    }

    public double Number(string key, Interval allowed) => Number(key, Get(key), allowed, "a number");

    /// <summary>A number, or null for a word such as <c>off</c>.</summary>
    public double? NumberOr(string word, string key, Interval allowed)
    {
        ConfigurationValue value = Get(key);
        return IsWord(value, word) ? null : Number(key, value, allowed, $"a number or {word}");
    }

    public string OneOf(string key, IReadOnlyList<string> names) => OneOf(key, Get(key), names);

    public EquatableList<string> SomeOf(string key, IReadOnlyList<string> names) =>
        [.. Items(key, "a list of names").Select(item => OneOf(key, item, names))];

    public EquatableList<int> Wholes(string key, int minimum) =>
        [.. Items(key, "a list of whole numbers").Select(item => Whole(key, item, minimum, int.MaxValue, "a whole number"))];

    public EquatableList<double> Numbers(string key, Interval allowed) =>
        [.. Items(key, "a list of numbers").Select(item => Number(key, item, allowed, "a number"))];

    public TimeSpan Milliseconds(string key) => TimeSpan.FromMilliseconds(Whole(key, minimum: 1));

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
        return text.Length <= 100 ? text : text[..100] + "...";
    }

    public static ConfigurationException Mismatch(string key, ConfigurationValue value, string expected) =>
        new($"{ReferenceConfiguration.Prefix}{key} is {Shown(value)}; {expected} is expected.");

    public static ConfigurationException Refused(string key, ConfigurationValue value, string allowed) =>
        new($"{ReferenceConfiguration.Prefix}{key} is {Shown(value)}; allowed is {allowed}.");

    /// <summary>A finite number of any size, as a sweep's bounds are.</summary>
    public static double? TryNumber(ConfigurationValue value) =>
        double.TryParse(Scalar(value), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
        && double.IsFinite(number)
            ? number
            : null;

    private static int Whole(string key, ConfigurationValue value, int minimum, int maximum, string expected)
    {
        if (!BigInteger.TryParse(Scalar(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger whole))
        {
            throw Mismatch(key, value, expected);
        }

        return whole < minimum || whole > maximum
            ? throw Refused(key, value, maximum < int.MaxValue || whole > maximum
                ? $"a whole number from {minimum} to {maximum}"
                : $"a whole number of at least {minimum}")
            : (int)whole;
    }

    private static double Number(string key, ConfigurationValue value, Interval allowed, string expected)
    {
        if (!double.TryParse(Scalar(value), NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
        {
            throw Mismatch(key, value, expected);
        }

        // Adding 0 makes -0 into 0: two ways to write nothing must not be two identities.
        return double.IsFinite(number) && allowed.Contains(number) ? number + 0.0 : throw Refused(key, value, allowed.Words);
    }

    private static string OneOf(string key, ConfigurationValue value, IReadOnlyList<string> names) =>
        Scalar(value) is string name && names.Contains(name)
            ? name
            : throw new ConfigurationException(
                $"{ReferenceConfiguration.Prefix}{key} {(value is TextValue ? "is" : "has")} {Shown(value)}; allowed are {string.Join(", ", names)}.");

    private static bool IsWord(ConfigurationValue value, string word) =>
        value is TextValue text && (text.Text == word || text is { Text: "null", Quoted: false });

    private static string? Scalar(ConfigurationValue value) => (value as TextValue)?.Text;
}
