using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;

namespace CurvatureActors.Cli.Display;

/// <summary>Lines of the log file, which people read at a terminal as well: see <see cref="DisplayText"/>. Stack traces keep their lines.</summary>
internal sealed class SafeLogText : ITextFormatter
{
    private readonly MessageTemplateTextFormatter _inner = new(
        "{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} [{Level:u3}] {Message:lj}{NewLine}{Exception}", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        _inner.Format(logEvent, text);
        output.Write(DisplayText.Lines(text.ToString()));
    }
}
