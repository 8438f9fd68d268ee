using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Spectre.Console;

namespace CurvatureActors.Cli;

/// <summary>Ends the process without waiting for anybody.</summary>
internal static partial class ProcessEnd
{
    private const string ShowCursor = "\u001b[?25h";

    /// <summary>
    /// Ends the process now, with this exit code. An ordinary exit would run libtorch's destructors under the feet of
    /// trainers that are still computing, and crash on the way out.
    /// </summary>
    [DoesNotReturn]
    public static void Now(int exitCode)
    {
        if (!Console.IsOutputRedirected)
        {
            AnsiConsole.Console.Profile.Out.Writer.Write(ShowCursor);
        }

        AnsiConsole.Console.Profile.Out.Writer.Flush();
        Console.Out.Flush();
        Console.Error.Flush();
        DiagnosticFiles.Remove();
        if (!OperatingSystem.IsWindows())
        {
            ExitAtOnce(exitCode);
        }

        Environment.Exit(exitCode);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitAtOnce(int exitCode);
}
