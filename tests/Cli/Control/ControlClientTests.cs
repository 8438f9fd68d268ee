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
        _ = ControlToken.Create(directory);
        held.Announce(address, directory.Token);

        StateDirectoryException error = await Assert.ThrowsAsync<StateDirectoryException>(
            () => new ControlClient(directory).SendAsync("pause", "all"));

        Assert.Contains($"Process {Environment.ProcessId}", error.Message, StringComparison.Ordinal);
        Assert.Contains(address.ToString(), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://10.1.2.3:80/")]
    [InlineData("https://127.0.0.1:80/")]
    [InlineData("http://evil.example/")]
    public async Task Given_an_address_that_is_not_this_machine_then_the_token_is_not_sent_there(string address)
    {
        var directory = new StateDirectory(_folder);
        using StateDirectoryLock held = StateDirectoryLock.Acquire(directory);
        _ = ControlToken.Create(directory);
        held.Announce(new Uri(address), directory.Token);

        StateDirectoryException error = await Assert.ThrowsAsync<StateDirectoryException>(
            () => new ControlClient(directory).SendAsync("pause", "all"));

        Assert.Contains("is not this machine's loopback address", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Given_a_token_file_that_holds_something_else_then_that_is_not_sent()
    {
        var directory = new StateDirectory(_folder);
        using StateDirectoryLock held = StateDirectoryLock.Acquire(directory);
        await File.WriteAllTextAsync(directory.Token, "-----BEGIN OPENSSH PRIVATE KEY-----", TestContext.Current.CancellationToken);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        held.Announce(new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/"), directory.Token);

        StateDirectoryException error = await Assert.ThrowsAsync<StateDirectoryException>(
            () => new ControlClient(directory).SendAsync("pause", "all"));

        Assert.Contains("holds no token", error.Message, StringComparison.Ordinal);
        Assert.False(listener.Pending());
    }

    [Theory]
    [InlineData("token", "token was removed")]
    [InlineData("lock.json", "does not name")]
    public async Task Given_a_program_whose_files_were_removed_then_it_is_said_which_and_how_to_end_it(string file, string said)
    {
        var directory = new StateDirectory(_folder);
        using StateDirectoryLock held = StateDirectoryLock.Acquire(directory);
        _ = ControlToken.Create(directory);
        held.Announce(new Uri($"http://127.0.0.1:{PortThatNobodyHas()}/"), directory.Token);
        File.Delete(Path.Combine(_folder, file));

        StateDirectoryException error = await Assert.ThrowsAsync<StateDirectoryException>(
            () => new ControlClient(directory, startUp: TimeSpan.FromMilliseconds(1)).SendAsync("pause", "all"));

        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Contains("SIGTERM", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("rocess 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_new_token_then_its_file_was_never_open_to_others_and_follows_no_link()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("modes are Unix's");
            return;
        }

        var directory = new StateDirectory(_folder);
        string victim = Path.Combine(_folder, "victim");
        File.WriteAllText(victim, "precious");
        File.CreateSymbolicLink(directory.Token, victim);

        string first = ControlToken.Create(directory);
        string second = ControlToken.Create(directory);

        Assert.Equal("precious", File.ReadAllText(victim));
        Assert.Matches("^[0-9a-f]{64}$", first);
        Assert.NotEqual(first, second);
        Assert.Equal(second, File.ReadAllText(directory.Token));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(directory.Token));
        Assert.Equal(second, ControlToken.Read(directory));
    }

    private static int PortThatNobodyHas()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
