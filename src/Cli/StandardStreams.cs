using System.Text;

namespace CurvatureActors.Cli;

/// <summary>
/// Standard output and standard error that may not be writable (a full disk behind a redirection, a terminal that is
/// closed): that is said once, and no run ends by it.
/// </summary>
internal static class StandardStreams
{
    /// <summary>Whether something that was to stand on standard output could not be written.</summary>
    public static bool OutputLost { get; private set; }

    /// <summary>From now on writing to either never throws.</summary>
    public static void Guard()
    {
        Console.SetError(new GuardedWriter(Console.Error, _ => { }));
        Console.SetOut(new GuardedWriter(Console.Out, error =>
        {
            OutputLost = true;
            Console.Error.WriteLine(
                $"Standard output cannot be written: {error.Message.TrimEnd('.')}. Nothing more is printed there; runs that are under way go on.");
        }));
    }
}

/// <summary>Writes until that fails for the first time, and nothing from then on.</summary>
/// <param name="inner">Where to.</param>
/// <param name="failed">Called once, when it fails.</param>
internal sealed class GuardedWriter(TextWriter inner, Action<Exception> failed) : TextWriter
{
    private bool _failed;

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Try(() => inner.Write(value));

    public override void Write(string? value) => Try(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    public override void WriteLine() => Try(inner.WriteLine);

    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    public override void Flush() => Try(inner.Flush);

    private void Try(Action write)
    {
        if (_failed)
        {
            return;
        }

        try
        {
            write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _failed = true;
            failed(error);
        }
    }
}
