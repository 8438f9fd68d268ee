using System.Net;
using System.Text;

namespace CurvatureActors.Cli.Reports.Page;

/// <summary>Builds markup that is both HTML and well-formed XML.</summary>
internal sealed class Html
{
    private readonly StringBuilder _text = new();

    /// <summary>Text from outside, harmless in content and in attributes.</summary>
    public static string Escape(string? text) => WebUtility.HtmlEncode(new string(
        [.. (text ?? "").Select(letter => char.IsControl(letter) && letter is not ('\n' or '\t') ? '\uFFFD' : letter)]));

    /// <summary>Escaped text in which λ1 gets its index set low.</summary>
    public static string Prose(string text) =>
        Escape(text).Replace("λ1", "λ<sub>1</sub>", StringComparison.Ordinal).Replace("&#955;1", "λ<sub>1</sub>", StringComparison.Ordinal);

    /// <summary>Markup as it is.</summary>
    public Html Raw(string markup)
    {
        _text.Append(markup).Append('\n');
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();
}
