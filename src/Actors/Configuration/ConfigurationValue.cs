namespace CurvatureActors.Actors.Configuration;

/// <summary>A value as the file has it: text, a list or a section. What it means is for <see cref="SettingsReader"/>.</summary>
internal abstract record ConfigurationValue
{
    /// <summary>Where it starts in its text: the order in which the leaves of nested sections were written.</summary>
    public int Position { get; init; }

    /// <summary>The value in the HOCON that would give it again; one line.</summary>
    public abstract string Render();

    /// <summary>A quoted string.</summary>
    public static string Quote(string text) =>
        $"\"{InvisibleCharacters.Escape(text.Replace("\\", "\\\\").Replace("\"", "\\\""))}\"";
}

/// <summary>A scalar; numbers and switches too, since only the reader of a key knows its type.</summary>
internal sealed record TextValue(string Text, bool Quoted = false) : ConfigurationValue
{
    public override string Render() => Quoted ? Quote(Text) : Text;
}

/// <summary>A list in square brackets.</summary>
internal sealed record ListValue(IReadOnlyList<ConfigurationValue> Items) : ConfigurationValue
{
    public override string Render() => $"[{string.Join(", ", Items.Select(item => item.Render()))}]";
}

/// <summary>A section in braces; members in the order of the file, which a sweep's grid depends on.</summary>
internal sealed record SectionValue(OrderedDictionary<string, ConfigurationValue> Members) : ConfigurationValue
{
    public override string Render() =>
        $"{{ {string.Join(", ", Members.Select(member => $"{Quote(member.Key)} = {member.Value.Render()}"))} }}";

    /// <summary>Its leaves with their paths, in the order in which they were written.</summary>
    public IReadOnlyList<KeyValuePair<string, ConfigurationValue>> Leaves() =>
        [.. Leaves(this, "").OrderBy(leaf => leaf.Value.Position)];

    private static IEnumerable<KeyValuePair<string, ConfigurationValue>> Leaves(SectionValue section, string prefix) =>
        section.Members.SelectMany(member => member.Value is SectionValue inner
            ? Leaves(inner, $"{prefix}{member.Key}.")
            : [KeyValuePair.Create(prefix + member.Key, member.Value)]);
}
