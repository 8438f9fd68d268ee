using System.Globalization;
using System.Text;

namespace CurvatureActors.Cli.Reports.Tables;

/// <summary>
/// RFC 4180: commas, CRLF, quotes where needed. Numbers are invariant and read back to the same bits; NaN and
/// infinities are the words NaN, Infinity and -Infinity; an empty field is "not there".
/// </summary>
internal sealed class Csv
{
    private readonly StringBuilder _text = new();

    /// <summary>Starts with a row of column names.</summary>
    public Csv(params ReadOnlySpan<string> columns)
    {
        Row([.. columns]);
    }

    /// <summary>Adds a row of text, numbers, truth values and nulls.</summary>
    public void Row(params ReadOnlySpan<object?> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            _text.Append(i == 0 ? "" : ",").Append(Field(values[i]));
        }

        _text.Append("\r\n");
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private static string Field(object? value) => value switch
    {
        null => "",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        bool truth => truth ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => Quote(value.ToString() ?? ""),
    };

    private static string Quote(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0 && text == text.Trim()
        ? text
        : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
