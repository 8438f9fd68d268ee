using System.Net;

namespace CurvatureActors.Cli.Reports;

/// <summary>Text from outside made harmless for markup.</summary>
internal static class MarkupText
{
    /// <summary>For content and for attributes.</summary>
    public static string Escape(string? text) => WebUtility.HtmlEncode(Clean(text));

    /// <summary>Escaped text in which λ1 gets its index set low.</summary>
    public static string Prose(string text) => Escape(text)
        .Replace("λ1", "λ<sub>1</sub>", StringComparison.Ordinal)
        .Replace("&#955;1", "λ<sub>1</sub>", StringComparison.Ordinal);

    /// <summary>Without the control characters that no XML may hold.</summary>
    public static string Clean(string? text) => new(
        [.. (text ?? "").Select(letter => char.IsControl(letter) && letter is not ('\n' or '\t') ? '\uFFFD' : letter)]);
}
