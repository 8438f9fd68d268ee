using System.Net;
using System.Net.Sockets;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Cli.Control;

namespace CurvatureActors.Cli.Tests.Control;

/// <summary>What a command says when the program it wants to speak to is not there.</summary>
public sealed class ControlClientTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("curvature-control-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Given_no_program_then_the_sentence_says_how_to_start_one()
    {
        UsageException error = await Assert.ThrowsAsync<UsageException>(
            () => new ControlClient(new StateDirectory(_folder)).SendAsync("pause", "all"));

        Assert.Equal($"No program is running on {_folder}; `curvature resume` starts one.", error.Message);
    }

    [Fact]
    public async Task Given_a_program_that_does_not_answer_then_it_is_named_with_its_address()
    {
        var directory = new StateDirectory(_folder);
        using StateDirectoryLock held = StateDirectoryLock.Acquire(directory);
        var address = new Uri($"http://127.0.0.1:{PortThatNobodyHas()}/");
        held.Announce(address);

        StateDirectoryException error = await Assert.ThrowsAsync<StateDirectoryException>(
            () => new ControlClient(directory).SendAsync("pause", "all"));

        Assert.Contains($"Process {Environment.ProcessId}", error.Message, StringComparison.Ordinal);
        Assert.Contains(address.ToString(), error.Message, StringComparison.Ordinal);
    }

    private static int PortThatNobodyHas()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
