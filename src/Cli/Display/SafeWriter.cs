using System.Text;

namespace CurvatureActors.Cli.Display;

/// <summary>
/// The seam between what the program says and the terminal: nothing that a terminal obeys goes through it, and what is
/// written as a line stays one (<see cref="DisplayText"/>). Who has several lines to write writes each.
/// </summary>
/// <param name="inner">Where it goes.</param>
internal sealed class SafeWriter(TextWriter inner) : TextWriter(inner.FormatProvider)
{
    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value)
    {
        // Halves of a pair come one after the other here; nothing else is taken apart.
        if (char.IsSurrogate(value))
        {
            inner.Write(value);
        }
        else
        {
            inner.Write(DisplayText.Lines(value.ToString()));
        }
    }

    /// <inheritdoc/>
    public override void Write(string? value) => inner.Write(DisplayText.Lines(value ?? ""));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) =>
        inner.Write(DisplayText.Lines(new string(buffer, index, count)));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer) => inner.Write(DisplayText.Lines(new string(buffer)));

    /// <inheritdoc/>
    public override void WriteLine() => inner.WriteLine();

    /// <inheritdoc/>
    public override void WriteLine(string? value) => inner.WriteLine(DisplayText.Row(value ?? ""));

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();
}
