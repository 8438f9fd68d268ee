namespace CurvatureActors.Actors.Configuration;

/// <summary>
/// The defaults, as they are in <c>config/reference.conf</c>. That page is also the list of valid keys: a key exists
/// because it has a default and a comment there.
/// </summary>
public static class ReferenceConfiguration
{
    /// <summary>What every key starts with; may be left out on the command line and inside a sweep.</summary>
    internal const string Prefix = "curvature.";

    private static readonly Lazy<Settings> LazyDefaults = new(ReadDefaults);

    private static readonly Lazy<IReadOnlySet<string>> LazySections = new(() => Keys
        .SelectMany(key => key.Select((c, i) => c == '.' ? key[..i] : "").Where(path => path.Length > 0))
        .ToHashSet());

    /// <summary>The page itself, comments included.</summary>
    public static string Text { get; } = ReadText();

    /// <summary>All keys in the order of the page, without the leading <c>curvature.</c>.</summary>
    public static IReadOnlyList<string> Keys => Defaults.Keys;

    internal static Settings Defaults => LazyDefaults.Value;

    /// <summary>Whether the key holds a free list of other keys, as the grid of a sweep does.</summary>
    internal static bool IsMap(string key) => Defaults.TryGet(key) is SectionValue;

    /// <summary>Whether keys lie below this path.</summary>
    internal static bool IsSection(string path) => Sections.Contains(path);

    /// <summary>The paths that keys lie below.</summary>
    internal static IReadOnlySet<string> Sections => LazySections.Value;

    /// <summary>The path without the leading <c>curvature.</c>.</summary>
    internal static string Short(string path) =>
        path.StartsWith(Prefix, StringComparison.Ordinal) ? path[Prefix.Length..] : path;

    private static string ReadText()
    {
        using Stream stream = typeof(ReferenceConfiguration).Assembly.GetManifestResourceStream("reference.conf")
            ?? throw new InvalidOperationException("reference.conf is not embedded in the assembly.");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    private static Settings ReadDefaults()
    {
        Settings defaults = new();
        Collect((SectionValue)HoconParser.Parse(Text, "reference.conf").Members["curvature"], "");
        return defaults;

        void Collect(SectionValue section, string prefix)
        {
            foreach ((string name, ConfigurationValue value) in section.Members)
            {
                if (value is SectionValue { Members.Count: > 0 } inner)
                {
                    Collect(inner, $"{prefix}{name}.");
                }
                else
                {
                    defaults.Set(prefix + name, value);
                }
            }
        }
    }
}
