using System.Text;
using Spectre.Console;

namespace CurvatureActors.Cli.Display;

/// <summary>Puts <see cref="SafeWriter"/> before standard output and error.</summary>
internal static class SafeConsole
{
    /// <summary>
    /// From here on everything that is written to the console goes through the seam, but for the tables that
    /// <see cref="AnsiConsole"/> draws: these are made of terminal sequences, and their cells go through <see cref="DisplayText"/>.
    /// </summary>
    public static void Install()
    {
        TextWriter terminal = Console.Out;
        AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new Terminal(terminal) });
        Console.SetOut(new SafeWriter(terminal));
        Console.SetError(new SafeWriter(Console.Error));
    }

    /// <summary>Standard output as it was found: by the writer alone it would not be known for a terminal any more.</summary>
    private sealed class Terminal(TextWriter writer) : IAnsiConsoleOutput
    {
        private readonly AnsiConsoleOutput _console = new(writer);

        public TextWriter Writer => writer;

        public bool IsTerminal { get; } = !Console.IsOutputRedirected;

        public int Width => _console.Width;

        public int Height => _console.Height;

        public void SetEncoding(Encoding encoding) => _console.SetEncoding(encoding);
    }
}
