using System.Diagnostics;

namespace CurvatureActors.EndToEnd.Tests.Harness;

/// <summary>A file system of its own in memory.</summary>
internal sealed class SmallDisk : IDisposable
{
    public SmallDisk(string path, string size)
    {
        Path = path;
        Directory.CreateDirectory(path);
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Call("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", path),
            "mounting a small file system is not permitted here");
    }

    public string Path { get; }

    public void Remount(string option) => Assert.True(Call("mount", "-o", $"remount,{option}", Path));

    public void Dispose() => Call("umount", "--lazy", Path);

    private static bool Call(string command, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
