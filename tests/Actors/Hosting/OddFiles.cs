using System.Diagnostics;

namespace CurvatureActors.Actors.Tests.Hosting;

/// <summary>What may stand in the place of a file and is none.</summary>
internal static class OddFiles
{
    /// <summary>A named pipe: who opens it for reading waits until somebody writes.</summary>
    public static void Pipe(string path)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no named pipes of this kind.");
        using Process process = Process.Start("mkfifo", [path]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
