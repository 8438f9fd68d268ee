namespace CurvatureActors.Cli;

/// <summary>
/// The files by which .NET's diagnostic tools find a process: at every start the runtime puts three of them into the
/// temporary folder, and takes them away at an orderly exit only, which <see cref="ProcessEnd"/> is not, nor is a kill. The
/// runtime has no setting for it but the environment variable <c>DOTNET_EnableDiagnostics</c>, which a program cannot set
/// for itself. So they are removed as soon as the program runs; who sets the variable to 1 keeps them, and the tools.
/// </summary>
internal static class DiagnosticFiles
{
    /// <summary>Of the runtime; <c>0</c>: no such files, <c>1</c>: they are wanted.</summary>
    public const string Variable = "DOTNET_EnableDiagnostics";

    /// <summary>What the runtime has made for this process.</summary>
    public static IEnumerable<string> OfThisProcess()
    {
        string id = $"{Environment.ProcessId}-{StartOfThisProcess() ?? "*"}";
        return new[] { $"dotnet-diagnostic-{id}-socket", $"clr-debug-pipe-{id}-in", $"clr-debug-pipe-{id}-out" }
            .SelectMany(name => Directory.EnumerateFiles(Path.GetTempPath(), name));
    }

    /// <summary>Removes them unless they are asked for.</summary>
    public static void RemoveUnlessWanted()
    {
        if (Environment.GetEnvironmentVariable(Variable) != "1")
        {
            Remove();
        }
    }

    /// <summary>Removes them.</summary>
    public static void Remove()
    {
        try
        {
            foreach (string file in OfThisProcess())
            {
                File.Delete(file);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Not worth a word.
        }
    }

    /// <summary>
    /// When the process began, as the kernel of Linux counts: the files are named by it too, since containers that share a
    /// temporary folder do not share their process ids. Null elsewhere.
    /// </summary>
    private static string? StartOfThisProcess()
    {
        const string Account = "/proc/self/stat";
        const int Start = 19; // field 22, counted from the one after the name, which is in parentheses
        if (!File.Exists(Account))
        {
            return null;
        }

        string text = File.ReadAllText(Account);
        return text[(text.LastIndexOf(')') + 2)..].Split(' ')[Start];
    }
}
