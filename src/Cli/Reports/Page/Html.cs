using System.Text;

namespace CurvatureActors.Cli.Reports.Page;

/// <summary>Collects markup that is both HTML and well-formed XML.</summary>
internal sealed class Html
{
    private readonly StringBuilder _text = new();

    /// <summary>Markup as it is.</summary>
    public Html Raw(string markup)
    {
        _text.Append(markup).Append('\n');
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();
}
