namespace CurvatureActors.Cli;

/// <summary>What the program tells the shell. Part of the outward contract.</summary>
internal static class ExitCode
{
    /// <summary>All runs completed, or the question was answered.</summary>
    public const int Success = 0;

    /// <summary>An error of the program itself, or standard output could not be written.</summary>
    public const int Internal = 1;

    /// <summary>The command or the configuration is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Some run ended diverged or failed, or was cancelled.</summary>
    public const int RunsFailed = 3;

    /// <summary>The state directory is held by another process, or storage cannot be reached or written.</summary>
    public const int Storage = 4;

    /// <summary>Interrupted; the same command goes on from there.</summary>
    public const int Interrupted = 130;
}
