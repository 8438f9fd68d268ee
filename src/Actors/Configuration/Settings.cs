namespace CurvatureActors.Actors.Configuration;

/// <summary>A value per key: the defaults, over them the file, over it the command line, over it a point of a sweep.</summary>
internal sealed class Settings
{
    private readonly OrderedDictionary<string, ConfigurationValue> _values;

    public Settings()
        : this([])
    {
    }

    private Settings(OrderedDictionary<string, ConfigurationValue> values) => _values = values;

    /// <summary>Keys without the leading <c>curvature.</c>.</summary>
    public IReadOnlyList<string> Keys => _values.Keys;

    public ConfigurationValue this[string key] => _values[key];

    public ConfigurationValue? TryGet(string key) => _values.GetValueOrDefault(key);

    public void Set(string key, ConfigurationValue value) => _values[key] = value;

    public Settings Copy() => new(new OrderedDictionary<string, ConfigurationValue>(_values));

    /// <summary>Takes over what a section says, refusing keys that do not exist.</summary>
    /// <param name="path">Where the section belongs, without the leading <c>curvature.</c>; empty for its root.</param>
    /// <param name="value">The section, or the value of a single key.</param>
    public void Apply(string path, ConfigurationValue value)
    {
        if (path.Length > 0 && ReferenceConfiguration.IsMap(path))
        {
            // A sweep in the file or on the command line replaces the default's, which is empty.
            Set(path, value is SectionValue free ? new SectionValue(new(free.Leaves())) : value);
        }
        else if (MapAbove(path) is string map)
        {
            // --set sweep.grid."training.steps"=[1, 2]: a copy, since the settings below may share the section.
            OrderedDictionary<string, ConfigurationValue> members =
                _values[map] is SectionValue present ? new(present.Members) : [];
            string key = path[(map.Length + 1)..];
            foreach ((string below, ConfigurationValue leaf) in
                value is SectionValue inner ? inner.Leaves() : [KeyValuePair.Create("", value)])
            {
                members[$"{key}.{below}".TrimEnd('.')] = leaf;
            }

            Set(map, new SectionValue(members));
        }
        else if (value is SectionValue section && ReferenceConfiguration.Defaults.TryGet(path) is null
            && (section.Members.Count > 0 || path.Length == 0 || ReferenceConfiguration.IsSection(path)))
        {
            foreach ((string name, ConfigurationValue member) in section.Members)
            {
                Apply(path.Length > 0 ? $"{path}.{name}" : name, member);
            }
        }
        else if (path.Length == 0 || ReferenceConfiguration.IsSection(path))
        {
            throw new ConfigurationException(
                $"{(ReferenceConfiguration.Prefix + path).TrimEnd('.')} is {SettingsReader.Shown(value)}; a section is expected, its keys in braces.");
        }
        else if (ReferenceConfiguration.Defaults.TryGet(path) is null)
        {
            // An empty section is meant to be like another section.
            throw UnknownKey(path, value is SectionValue ? ReferenceConfiguration.Sections : ReferenceConfiguration.Keys);
        }
        else
        {
            Set(path, value);
        }
    }

    /// <summary>The error for a key that does not exist.</summary>
    public static ConfigurationException UnknownKey(string key, IEnumerable<string> valid) => new(
        $"There is no key {ReferenceConfiguration.Prefix}{InvisibleCharacters.Escape(key)}; did you mean {ReferenceConfiguration.Prefix}{NearestName.Of(key, valid)}?");

    private static string? MapAbove(string path) => ReferenceConfiguration.Keys.FirstOrDefault(key =>
        ReferenceConfiguration.IsMap(key) && path.StartsWith(key + ".", StringComparison.Ordinal));
}
