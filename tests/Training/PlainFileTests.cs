using System.Diagnostics;
using System.Net.Sockets;
using CurvatureActors.Training.Tests.Data;

namespace CurvatureActors.Training.Tests;

public sealed class PlainFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Given_something_that_is_no_file_then_it_is_named_without_opening_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "These are files of Linux.");
        MakePipe(_folder["pipe"]);
        File.CreateSymbolicLink(_folder["link"], _folder["pipe"]);
        Directory.CreateDirectory(_folder["folder"]);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_folder["s"]));
        _folder.Write("file", [1]);
        _folder.Write("empty", []);
        File.CreateSymbolicLink(_folder["good"], _folder["file"]);
        File.CreateSymbolicLink(_folder["nowhere"], _folder["not there"]);

        Assert.Equal(
            ["a pipe", "a pipe", "a folder", "a socket", "a device", "a device"],
            new[] { _folder["pipe"], _folder["link"], _folder["folder"], _folder["s"], "/dev/zero", "/dev/null" }.Select(PlainFile.Instead));
        Assert.All(["file", "empty", "good", "nowhere", "not there"], name => Assert.Null(PlainFile.Instead(_folder[name])));
        Assert.Null(PlainFile.Instead("/proc/self/maps"));
    }

    internal static void MakePipe(string path)
    {
        using Process process = Process.Start("mkfifo", [path]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
