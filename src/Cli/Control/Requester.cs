using CurvatureActors.Cli.Display;

namespace CurvatureActors.Cli.Control;

/// <summary>
/// Who asks for an action, for the journal. A connection over the loopback address does not tell whose it is: it is what
/// the program that asks says of itself, and whoever knows the token can say what he likes.
/// </summary>
internal static class Requester
{
    /// <summary>The header that says it.</summary>
    public const string Header = "X-Curvature-Requester";

    private const int Longest = 100;

    /// <summary>A command of this program, by the user that it runs as.</summary>
    public static string Of(string verb) => Cleaned(Ascii($"{Environment.UserName} with curvature {verb}"));

    /// <summary>What a request says of itself: one line, not too long.</summary>
    public static string From(string? header) =>
        string.IsNullOrWhiteSpace(header) ? "an HTTP request that does not say whose it is" : Cleaned(header);

    private static string Ascii(string text) => string.Concat(text.Select(c => char.IsAscii(c) ? c : '?'));

    private static string Cleaned(string text)
    {
        string line = DisplayText.Line(text.Trim());
        return line.Length <= Longest ? line : line[..Longest];
    }
}
