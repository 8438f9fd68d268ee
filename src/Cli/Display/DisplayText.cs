using System.Globalization;
using System.Text;

namespace CurvatureActors.Cli.Display;

/// <summary>
/// Text on its way to a terminal or a log. What comes from a file, a name or a journal can hold characters that a
/// terminal obeys instead of showing: they are written as <c>\u001b</c> (or <c>\n</c>), which within JSON means the same character.
/// </summary>
internal static class DisplayText
{
    /// <summary>Letters and symbols that are drawn as nothing.</summary>
    private const string Blank = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0";

    /// <summary>A text within a line: nothing in it ends the line, and no tab moves the columns of a table.</summary>
    public static string Line(string text) => Escaped(text, keep: "");

    /// <summary>A line whose columns are parted by tabs.</summary>
    public static string Row(string text) => Escaped(text, keep: "\t");

    /// <summary>A text that has lines of its own.</summary>
    public static string Lines(string text) => Escaped(text, keep: "\t\n");

    private static string Escaped(string text, string keep)
    {
        int first = 0;
        while (first < text.Length && !Obeyed(text, first, keep))
        {
            first++;
        }

        if (first == text.Length)
        {
            return text;
        }

        var shown = new StringBuilder(text, 0, first, text.Length + 16);
        for (int i = first; i < text.Length; i++)
        {
            if (Obeyed(text, i, keep))
            {
                shown.Append(text[i] switch
                {
                    '\n' => "\\n",
                    '\r' => "\\r",
                    '\t' => "\\t",
                    _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}"),
                });
            }
            else
            {
                shown.Append(text[i]);
            }
        }

        return shown.ToString();
    }

    /// <summary>
    /// Controls (C0, DEL, C1), what turns the direction of writing or cannot be seen (Cf), every space but the usual one, line and paragraph separators,
    /// and halves of a surrogate pair.
    /// </summary>
    private static bool Obeyed(string text, int index, string keep)
    {
        char c = text[index];
        if (c is >= ' ' and < '\u007f')
        {
            return false;
        }

        if (keep.Contains(c, StringComparison.Ordinal) || (c == '\r' && keep.Contains('\n', StringComparison.Ordinal) && index + 1 < text.Length && text[index + 1] == '\n'))
        {
            return false;
        }

        if (char.IsSurrogate(c))
        {
            int start = char.IsLowSurrogate(c) ? index - 1 : index;
            return start < 0 || !char.IsSurrogatePair(text, start) || Invisible(CharUnicodeInfo.GetUnicodeCategory(text, start));
        }

        return Invisible(char.GetUnicodeCategory(c)) || Blank.Contains(c, StringComparison.Ordinal);
    }

    /// <summary>Says which characters of a text cannot be seen, as a remark on it; empty where all can.</summary>
    public static string Unseen(string text)
    {
        string[] names =
        [
            .. Enumerable.Range(0, text.Length)
                .Where(index => Obeyed(text, index, keep: "") && !(index > 0 && char.IsSurrogatePair(text, index - 1)))
                .Select(index => $"U+{(index + 1 < text.Length && char.IsSurrogatePair(text, index) ? char.ConvertToUtf32(text, index) : text[index]):X4}")
                .Distinct(),
        ];
        return names.Length == 0 ? "" : $" (which contains {string.Join(", ", names)})";
    }

    private static bool Invisible(UnicodeCategory category) => category
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.SpaceSeparator
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
