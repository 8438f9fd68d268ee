using System.Globalization;
using System.Text;

namespace CurvatureActors.Actors.Configuration;

/// <summary>
/// A strict reader of HOCON. Akka's own parser cannot stand at this door: a missing brace or stray text passes
/// silently, an unclosed list never returns, an unresolved optional substitution makes a tree without end that
/// overflows the stack. So an experiment's file is read here, and only a well-formed <c>akka</c> section is handed
/// on to Akka. Left out of the language, and refused by name: <c>include</c>, substitutions and <c>+=</c>.
/// </summary>
/// <remarks>
/// Where it goes beyond HOCON: dots in a quoted key separate too, so that <c>"a.b"</c> is the path a.b, however else that
/// is written, and the later assignment wins; a carriage return alone ends a line. Where it is stricter: characters that
/// nobody sees, such as a no-break space, stand in quoted texts and comments only.
/// </remarks>
internal sealed class HoconParser
{
    // Deeper than any sensible file; keeps the recursion away from the end of the stack.
    private const int MaximumDepth = 32;

    // What HOCON reserves in unquoted text, less '+', which numbers such as 1e+3 need.
    private const string Reserved = "$\"{[=:`^?!@*&\\";

    private readonly string _text;
    private readonly string _source;
    private int _position;
    private int _depth;

    private HoconParser(string text, string source)
    {
        _text = text;
        _source = source;
    }

    /// <summary>The root section of a whole file.</summary>
    /// <param name="text">The file.</param>
    /// <param name="source">What to call it in an error.</param>
    public static SectionValue Parse(string text, string source)
    {
        // A byte order mark is not part of the first key.
        HoconParser parser = new(text.TrimStart('\uFEFF'), source);
        parser.SkipBlank();
        bool braces = parser.Peek == '{';
        SectionValue root = braces ? parser.Braced() : parser.Members(closing: '\0');
        parser.SkipBlank();
        return parser.AtEnd ? root : throw parser.Unexpected("the end of the file");
    }

    /// <summary>A single value, as it stands to the right of an equals sign.</summary>
    public static ConfigurationValue ParseValue(string text, string source)
    {
        HoconParser parser = new(text, source);
        parser.SkipSpaces();
        ConfigurationValue value = parser.Value();
        parser.SkipBlank();
        return parser.AtEnd ? value : throw parser.Unexpected("the end of the value");
    }

    /// <summary>The segments of a key such as <c>sweep.grid."optimizer.learning-rate"</c>.</summary>
    public static IReadOnlyList<string> ParseKey(string text, string source)
    {
        HoconParser parser = new(text, source);
        parser.SkipSpaces();
        List<string> key = parser.Key();
        parser.SkipSpaces();
        return parser.AtEnd ? key : throw parser.Unexpected("the end of the key");
    }

    private bool AtEnd => _position >= _text.Length;

    private char Peek => AtEnd ? '\0' : _text[_position];

    private bool At(string token) => string.CompareOrdinal(_text, _position, token, 0, token.Length) == 0;

    private SectionValue Braced()
    {
        Enter();
        int open = _position++;
        SectionValue section = Members(closing: '}');
        if (Peek != '}')
        {
            throw Error(open, "\"{\" is never closed");
        }

        _position++;
        _depth--;
        return section;
    }

    private SectionValue Members(char closing)
    {
        OrderedDictionary<string, ConfigurationValue> members = [];
        SkipBlank();
        while (!AtEnd && Peek != closing)
        {
            Member(members);
            if (!Separator(closing))
            {
                throw Unexpected("a new line or a comma");
            }
        }

        return new SectionValue(members);
    }

    private void Member(OrderedDictionary<string, ConfigurationValue> members)
    {
        int start = _position;
        List<string> key = Key();
        SkipSpaces();
        if (Peek is not ('=' or ':' or '{' or '+') && IsDecimalComma(start))
        {
            throw Error(start - 1, "a comma separates settings; the decimal sign is a point, as in 0.1");
        }

        if (At("+="))
        {
            throw Error(_position, "\"+=\" is not supported; write the whole list");
        }

        bool assigned = Peek is '=' or ':';
        if (assigned)
        {
            _position++;
            SkipSpaces();
        }
        else if (Peek is not ('\n' or '\r') && !AtEnd && InvisibleCharacters.Is(Next))
        {
            throw Unexpected("\"=\"");
        }
        else if (Peek != '{')
        {
            throw key is ["include"]
                ? Error(start, "\"include\" is not supported; write the settings into the file")
                : Error(start, $"\"{string.Join('.', key)}\" has no value");
        }

        ConfigurationValue value = Value();
        for (int i = key.Count - 1; i > 0; i--)
        {
            value = new SectionValue(new OrderedDictionary<string, ConfigurationValue> { [key[i]] = value });
        }

        Merge(members, key[0], value);
    }

    // As HOCON has it: a section adds to an earlier section, anything else replaces what was there.
    private static void Merge(OrderedDictionary<string, ConfigurationValue> members, string key, ConfigurationValue value)
    {
        if (value is SectionValue added
            && members.TryGetValue(key, out ConfigurationValue? earlier)
            && earlier is SectionValue present)
        {
            foreach ((string name, ConfigurationValue member) in added.Members)
            {
                Merge(present.Members, name, member);
            }

            return;
        }

        // A key keeps the place of its first assignment: the order of a sweep does not change with a value.
        members[key] = members.TryGetValue(key, out ConfigurationValue? before) ? value with { Position = before.Position } : value;
    }

    // Whether what starts here is the second half of a number such as 0,1.
    private bool IsDecimalComma(int start) => start > 1 && _text[start - 1] == ','
        && char.IsAsciiDigit(_text[start - 2]) && char.IsAsciiDigit(_text[start]);

    private List<string> Key()
    {
        List<string> segments = [];
        do
        {
            if (segments.Count > 0)
            {
                _position++;
            }

            int start = _position;
            if (Peek == '"')
            {
                string quoted = Quoted();
                string[] path = quoted.Split('.');
                segments.AddRange(Array.TrueForAll(path, segment => segment.Length > 0) ? path : [quoted]);
            }
            else
            {
                while (char.IsLetterOrDigit(Peek) || Peek is '-' or '_')
                {
                    _position++;
                }

                segments.Add(_text[start.._position]);
            }

            if (segments[^1].Length == 0)
            {
                throw Unexpected("a key");
            }

            if (segments.Count > MaximumDepth)
            {
                throw Error(start, $"more than {MaximumDepth} levels");
            }
        }
        while (Peek == '.');
        return segments;
    }

    private ConfigurationValue Value()
    {
        int start = _position;
        ConfigurationValue value = Peek switch
        {
            '{' => Braced(),
            '[' => List(),
            '"' => new TextValue(Quoted(), Quoted: true),
            _ => Unquoted(),
        };
        return value with { Position = start };
    }

    private ListValue List()
    {
        Enter();
        int open = _position++;
        List<ConfigurationValue> items = [];
        SkipBlank();
        while (!AtEnd && Peek != ']')
        {
            items.Add(Value());
            if (!Separator(closing: ']'))
            {
                throw AtEnd ? Error(open, "\"[\" is never closed") : Unexpected("a comma or \"]\"");
            }
        }

        if (AtEnd)
        {
            throw Error(open, "\"[\" is never closed");
        }

        _position++;
        _depth--;
        return new ListValue(items);
    }

    private TextValue Unquoted()
    {
        int start = _position;
        while (!AtEnd && Peek is not ('\n' or '\r' or ',' or '}' or ']' or '#') && !At("//"))
        {
            if (At("${"))
            {
                throw Error(_position, "substitutions (\"${...}\") are not supported; write the value out or use --set");
            }

            if (Peek != '\t' && InvisibleCharacters.Is(Next))
            {
                throw Error(_position, $"{Shown()} cannot stand in an unquoted value; remove it or quote the whole value");
            }

            if (Reserved.Contains(Peek))
            {
                throw Error(_position, $"{Shown()} cannot stand in an unquoted value; quote the whole value");
            }

            _position += Next.Utf16SequenceLength;
        }

        string text = _text[start..Math.Min(_position, _text.Length)].TrimEnd(' ', '\t');
        return text.Length > 0 ? new TextValue(text) : throw Unexpected("a value");
    }

    private string Quoted()
    {
        int open = _position;
        if (At("\"\"\""))
        {
            int end = _text.IndexOf("\"\"\"", open + 3, StringComparison.Ordinal);
            if (end < 0)
            {
                throw Error(open, "a quoted text is never closed");
            }

            // Quotation marks beyond three belong to the text.
            for (end += 3; end < _text.Length && _text[end] == '"'; end++)
            {
            }

            _position = end;
            return Whole(_text[(open + 3)..(end - 3)], open);
        }

        StringBuilder text = new();
        for (_position++; Peek != '"'; _position++)
        {
            if (AtEnd || Peek is '\n' or '\r')
            {
                throw Error(open, "a quoted text is not closed on its line");
            }

            if (char.IsControl(Peek) && Peek != '\t')
            {
                throw Error(_position, $"{Shown()} cannot stand in a quoted text");
            }

            _ = text.Append(Peek == '\\' ? Escape() : Peek);
        }

        _position++;
        return Whole(text.ToString(), open);
    }

    // Half of a character (by an escape) cannot be written to any file, nor be told from another half there.
    private string Whole(string text, int open)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar && !text.Contains('\uFFFD'))
            {
                throw Error(open, "a quoted text holds half of a character, a lone surrogate");
            }
        }

        return text;
    }

    private char Escape()
    {
        int start = _position++;
        if (Peek == 'u'
            && _position + 4 < _text.Length
            && ushort.TryParse(
                _text.AsSpan(_position + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
        {
            _position += 4;
            return (char)code;
        }

        return Peek switch
        {
            '"' or '\\' or '/' => Peek,
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\b',
            'f' => '\f',
            _ => throw Error(start, "an unknown escape; allowed are \\\" \\\\ \\/ \\n \\t \\r \\b \\f and \\uXXXX"),
        };
    }

    // Between members: new lines, at most one comma among them. True also before the closing character or the end.
    private bool Separator(char closing)
    {
        int before = _position;
        SkipBlank();
        bool separated = _text.AsSpan(before, _position - before).IndexOfAny('\n', '\r') >= 0;
        if (Peek == ',')
        {
            _position++;
            SkipBlank();
            separated = true;
        }

        return separated || AtEnd || Peek == closing;
    }

    private void SkipSpaces()
    {
        while (Peek is ' ' or '\t')
        {
            _position++;
        }
    }

    private void SkipBlank()
    {
        while (!AtEnd)
        {
            if (Peek == '#' || At("//"))
            {
                int end = _text.AsSpan(_position).IndexOfAny('\n', '\r');
                _position = end < 0 ? _text.Length : _position + end;
            }
            else if (Peek is ' ' or '\t' or '\r' or '\n')
            {
                _position++;
            }
            else
            {
                return;
            }
        }
    }

    private void Enter()
    {
        if (++_depth > MaximumDepth)
        {
            throw Error(_position, $"more than {MaximumDepth} levels");
        }
    }

    private ConfigurationException Unexpected(string expected) =>
        Error(_position, $"{expected} is expected, not {(AtEnd ? "the end of the text" : Shown())}");

    private ConfigurationException Error(int position, string what)
    {
        ReadOnlySpan<char> before = _text.AsSpan(0, Math.Min(position, _text.Length));
        int line = 1 + before.Count('\n') + before.Count('\r') - before.Count("\r\n");
        int column = before.Length - before.LastIndexOfAny('\n', '\r');
        return new ConfigurationException($"{_source}, line {line}, column {column}: {what}.");
    }

    // The next character; U+FFFD for half of one.
    private Rune Next => AtEnd ? default
        : Rune.DecodeFromUtf16(_text.AsSpan(_position), out Rune rune, out _) == System.Buffers.OperationStatus.Done ? rune
        : Rune.ReplacementChar;

    private string Shown() => Peek switch
    {
        '"' => "a quotation mark",
        '\n' or '\r' => "the end of the line",
        _ when char.IsSurrogate(Peek) && Next == Rune.ReplacementChar => $"the character U+{(int)Peek:X4}",
        _ when InvisibleCharacters.Is(Next) => $"the character U+{Next.Value:X4}",
        _ => $"\"{Next}\"",
    };
}
