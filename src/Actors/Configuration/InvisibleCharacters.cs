using System.Globalization;
using System.Text;

namespace CurvatureActors.Actors.Configuration;

/// <summary>Characters that a reader does not see, or takes for a space: an error that shows them says which they are.</summary>
internal static class InvisibleCharacters
{
    // Blank, though Unicode counts them as letters, marks or symbols.
    private static readonly HashSet<int> Blank = [0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0];

    /// <summary>Whether it is one: controls, formats (zero-width, direction), unassigned and every space but U+0020.</summary>
    public static bool Is(Rune rune) => rune.Value != ' ' && (Blank.Contains(rune.Value) || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    /// <summary>Those of a text as U+XXXX, each once.</summary>
    public static IReadOnlyList<string> Of(string text) =>
        [.. text.EnumerateRunes().Where(Is).Distinct().Select(rune => $"U+{rune.Value:X4}")];

    /// <summary>The text with each of them as the escape that HOCON has for it.</summary>
    public static string Escape(string text)
    {
        StringBuilder escaped = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            string character = rune.ToString();
            _ = Is(rune)
                ? escaped.AppendJoin("", character.Select(unit => $"\\u{(int)unit:x4}"))
                : escaped.Append(character);
        }

        return escaped.ToString();
    }
}
