using System.Net.Sockets;
using System.Text;
using CurvatureActors.Actors.Sweeps;
using CurvatureActors.Cli.Control;

namespace CurvatureActors.Cli.Tests.Control;

/// <summary>Whoever has begun a request and does not finish it holds up nobody's end.</summary>
public sealed class HalfOpenRequestTests
{
    private const string Host = "Host: 127.0.0.1\r\n";

    /// <summary>Less than the half minute that a web server gives its clients by default; a hang becomes a failure.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("")]
    [InlineData("PO")]
    [InlineData("POST /api/runs/x/pause HTTP/1.1\r\n")]
    [InlineData("POST /api/runs/x/pause HTTP/1.1\r\n" + Host)]
    [InlineData("POST /api/runs/x/pause HTTP/1.1\r\n" + Host + "Content-Length: 100\r\n\r\nabc")]
    [InlineData("POST /api/runs/x/pause HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n5\r\nab")]
    [InlineData("GET /api/runs HTTP/1.1\r\n" + Host + "\r\nGET /api/runs HTTP/1.1\r\n" + Host)]
    public async Task Given_half_a_request_then_the_server_stops_all_the_same(string begun)
    {
        ControlServer server = await ControlServer.StartAsync(new Silent(), new string('0', 64));
        Uri address = server.Address;
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(begun), TestContext.Current.CancellationToken);

        await server.DisposeAsync().AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);

        await Assert.ThrowsAnyAsync<SocketException>(async () =>
        {
            using var late = new TcpClient();
            await late.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        });
    }

    [Fact]
    public async Task Given_an_action_that_never_ends_then_the_server_stops_all_the_same()
    {
        var handler = new Silent();
        ControlServer server = await ControlServer.StartAsync(handler, new string('0', 64));
        using var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST /api/runs/x/pause HTTP/1.1\r\n{Host}Authorization: Bearer {new string('0', 64)}\r\nX-Curvature-Requester: ann\r\n\r\n"),
            TestContext.Current.CancellationToken);
        await handler.Entered.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

        await server.DisposeAsync().AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    private sealed class Silent : IControlHandler
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<IReadOnlyList<RunOutcome>?> ControlAsync(ControlAction action, ControlTarget target, string by)
        {
            Entered.TrySetResult();
            return new TaskCompletionSource<IReadOnlyList<RunOutcome>?>().Task;
        }

        public IReadOnlyList<RunRow> Runs() => [];
    }
}
