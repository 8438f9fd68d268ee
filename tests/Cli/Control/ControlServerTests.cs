using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Sweeps;
using CurvatureActors.Cli.Control;

namespace CurvatureActors.Cli.Tests.Control;

/// <summary>The control API over real sockets, before a handler that the test plays.</summary>
public sealed class ControlServerTests : IAsyncLifetime
{
    private const string Known = "learning-rate=0.3 ladder=[lower-rate] directory=/data";

    private const string Token = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private readonly Handler _handler = new();
    private ControlServer _server = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ControlServer.StartAsync(_handler, Token);
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = _server.Address };
        _http.DefaultRequestHeaders.Add("Authorization", $"Bearer {Token}");
        _http.DefaultRequestHeaders.Add("X-Curvature-Requester", "ann with curvature cancel");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public void Given_a_server_then_it_listens_on_the_loopback_address_only()
    {
        Assert.Equal("127.0.0.1", _server.Address.Host);
        Assert.True(_server.Address.Port > 0);
    }

    [Theory]
    [InlineData("pause", ControlAction.Pause)]
    [InlineData("continue", ControlAction.Continue)]
    [InlineData("stop", ControlAction.Stop)]
    [InlineData("cancel", ControlAction.Cancel)]
    public async Task Given_an_action_then_the_handler_gets_it_and_its_words_come_back(string verb, ControlAction action)
    {
        (HttpStatusCode status, JsonElement body) = await PostAsync($"api/runs/{Uri.EscapeDataString(Known)}/{verb}");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal((action, new ControlTarget(Known, Experiment: false)), Assert.Single(_handler.Asked));
        Assert.Equal("ann with curvature cancel", _handler.By);
        Assert.True(body.GetProperty("ok").GetBoolean());
        Assert.Equal("run ab12 [first]: paused at step 40\nrun cd34 [second]: held", body.GetProperty("message").GetString());
        Assert.Equal(
            """{"run":"ab12","name":"first","state":"paused","message":"paused at step 40"}""",
            JsonSerializer.Serialize(body.GetProperty("runs")[0]));
    }

    [Fact]
    public async Task Given_an_experiment_then_the_handler_is_told_that_it_is_one()
    {
        Assert.Equal(HttpStatusCode.OK, (await PostAsync($"api/experiments/{Uri.EscapeDataString(Known)}/pause")).Status);
        Assert.Equal((ControlAction.Pause, new ControlTarget(Known, Experiment: true)), Assert.Single(_handler.Asked));
    }

    [Theory]
    [InlineData("api/runs/unknown/pause", "unknown")]
    [InlineData("api/experiments/unknown/pause", "unknown")]
    [InlineData("api/runs/unknown/explode", "explode")]
    [InlineData("api/runs/unknown/0", "0")]
    [InlineData("api/runs/unknown/PAUSE", "PAUSE")]
    public async Task Given_an_unknown_target_or_action_then_404_names_it(string path, string named)
    {
        (HttpStatusCode status, JsonElement body) = await PostAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.False(body.GetProperty("ok").GetBoolean());
        Assert.Contains($"\"{named}\"", body.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Given_a_get_then_nothing_is_done()
    {
        using HttpResponseMessage response = await _http.GetAsync(
            new Uri("api/runs/ab12/cancel", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Empty(_handler.Asked);
    }

    [Theory]
    [InlineData("GET", "api/v7/nothing.json", 404)]
    [InlineData("POST", "api/runs", 405)]
    [InlineData("DELETE", "api/runs/ab12/cancel", 405)]
    [InlineData("GET", "", 404)]
    public async Task Given_a_path_or_method_that_there_is_not_then_the_answer_is_json_that_names_what_there_is(string method, string path, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        using HttpResponseMessage response = await _http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
        JsonElement body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        Assert.False(body.GetProperty("ok").GetBoolean());
        Assert.Contains($"{method} /{path}", body.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("GET /api/runs", body.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(_handler.Asked);
    }

    [Fact]
    public async Task Given_get_runs_then_the_objects_of_the_list()
    {
        string text = await _http.GetStringAsync(new Uri("api/runs", UriKind.Relative), TestContext.Current.CancellationToken);

        JsonElement run = Assert.Single(JsonDocument.Parse(text).RootElement.EnumerateArray().ToArray());
        Assert.Equal("ab12", run.GetProperty("run").GetString());
        Assert.Equal(JsonValueKind.Null, run.GetProperty("loss").ValueKind);
    }

    [Theory]
    [InlineData("127.0.0.1:{0}", null, 200)]
    [InlineData("localhost:{0}", null, 200)]
    [InlineData("[::1]:{0}", null, 200)]
    [InlineData("127.0.0.1:{0}", "http://127.0.0.1:{0}", 200)]
    [InlineData("127.0.0.1:{0}", "http://localhost:{0}", 200)]
    [InlineData("rebound.example:{0}", null, 403)]
    [InlineData("127.0.0.1.rebound.example", null, 403)]
    [InlineData("10.0.0.7", null, 403)]
    [InlineData("127.0.0.1:{0}", "http://rebound.example", 403)]
    [InlineData("127.0.0.1:{0}", "http://127.0.0.1:1", 403)]
    [InlineData("127.0.0.1:{0}", "https://127.0.0.1:{0}", 403)]
    [InlineData("127.0.0.1:{0}", "null", 403)]
    [InlineData("", null, 403)]
    public async Task Given_a_host_or_an_origin_then_only_this_machines_own_are_heard(string host, string? origin, int status)
    {
        string port = _server.Address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        string request = "POST /api/runs/ab12/cancel HTTP/1.1\r\n"
            + $"Host: {host.Replace("{0}", port, StringComparison.Ordinal)}\r\n"
            + (origin is null ? "" : $"Origin: {origin.Replace("{0}", port, StringComparison.Ordinal)}\r\n")
            + $"Authorization: Bearer {Token}\r\n"
            + "Content-Length: 0\r\nConnection: close\r\n\r\n";

        string answer = await RawAsync(request);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Equal(status == 200 ? 1 : 0, _handler.Asked.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Authorization:\r\n")]
    [InlineData("Authorization: Bearer\r\n")]
    [InlineData("Authorization: Bearer \r\n")]
    [InlineData("Authorization: {0}\r\n")]
    [InlineData("Authorization: Basic {0}\r\n")]
    [InlineData("Authorization: Bearer {0}0\r\n")]
    [InlineData("Authorization: Bearer 1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n")]
    [InlineData("Authorization: Bearer 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF\r\n")]
    [InlineData("Authorization: Bearer 0123456789abcdef\r\n")]
    [InlineData("Authorization: Bearer {0}\r\nAuthorization: Bearer {0}\r\n")]
    [InlineData("Cookie: token={0}\r\n")]
    public async Task Given_no_token_or_another_then_401_for_reading_and_for_acting(string header)
    {
        header = header.Replace("{0}", Token, StringComparison.Ordinal);
        string host = $"Host: 127.0.0.1:{_server.Address.Port}\r\n";

        foreach (string request in (string[])["POST /api/runs/ab12/cancel", "POST /api/experiments/study/cancel", "GET /api/runs", "GET /api/runs?token=" + Token, "GET /"])
        {
            string answer = await RawAsync($"{request} HTTP/1.1\r\n{host}{header}Content-Length: 0\r\nConnection: close\r\n\r\n");

            Assert.StartsWith("HTTP/1.1 401 ", answer, StringComparison.Ordinal);
            Assert.Contains("WWW-Authenticate: Bearer", answer, StringComparison.Ordinal);
            Assert.DoesNotContain(Token, answer, StringComparison.Ordinal);
        }

        Assert.Empty(_handler.Asked);
        Assert.Equal(0, _handler.Read);
    }

    [Theory]
    [InlineData(null, "an HTTP request that does not say whose it is")]
    [InlineData("  ", "an HTTP request that does not say whose it is")]
    [InlineData("bob by hand", "bob by hand")]
    public async Task Given_who_asks_then_the_handler_is_told_what_he_says_of_himself(string? said, string told)
    {
        _http.DefaultRequestHeaders.Remove("X-Curvature-Requester");
        if (said is not null)
        {
            _http.DefaultRequestHeaders.TryAddWithoutValidation("X-Curvature-Requester", said);
        }

        await PostAsync("api/runs/ab12/cancel");

        Assert.Equal(told, _handler.By);
    }

    [Fact]
    public async Task Given_a_long_name_then_it_is_cut()
    {
        _http.DefaultRequestHeaders.Remove("X-Curvature-Requester");
        _http.DefaultRequestHeaders.Add("X-Curvature-Requester", new string('x', 5000));

        await PostAsync("api/runs/ab12/cancel");

        Assert.Equal(new string('x', 100), _handler.By);
    }

    [Fact]
    public async Task Given_an_answer_that_is_under_way_when_the_server_stops_then_it_still_comes()
    {
        _handler.Gate = new TaskCompletionSource();
        Task<(HttpStatusCode Status, JsonElement)> answer = PostAsync("api/runs/ab12/pause");
        await _handler.Entered.Task.WaitAsync(TestContext.Current.CancellationToken);

        Task stopped = _server.DisposeAsync().AsTask();
        _handler.Gate.SetResult();

        Assert.Equal(HttpStatusCode.OK, (await answer).Status);
        await stopped;
    }

    private async Task<string> RawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_server.Address.Host, _server.Address.Port, TestContext.Current.CancellationToken);
        await using NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path)
    {
        using HttpResponseMessage response = await _http.PostAsync(
            new Uri(path, UriKind.Relative), null, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (response.StatusCode, JsonDocument.Parse(text).RootElement);
    }

    private sealed class Handler : IControlHandler
    {
        public List<(ControlAction, ControlTarget)> Asked { get; } = [];

        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource? Gate { get; set; }

        public string? By { get; private set; }

        public int Read { get; private set; }

        public async Task<IReadOnlyList<RunOutcome>?> ControlAsync(ControlAction action, ControlTarget target, string by)
        {
            Asked.Add((action, target));
            By = by;
            Entered.TrySetResult();
            await (Gate?.Task ?? Task.CompletedTask);
            return target.Text == "unknown" ? null :
            [
                new RunOutcome("ab12", "first", RunStatus.Paused, "paused at step 40"),
                new RunOutcome("cd34", "second", RunStatus.Pending, "held"),
            ];
        }

        public IReadOnlyList<RunRow> Runs()
        {
            Read++;
            return Rows;
        }

        private static IReadOnlyList<RunRow> Rows { get; } =
        [
            new RunRow
            {
                Run = "ab12",
                Experiment = "study",
                Name = "first",
                State = "paused",
                Attempt = 1,
                Step = 40,
                Steps = 100,
                Loss = double.NaN,
                Accuracy = null,
                Lambda1 = null,
                Lambda1Residual = null,
                Lambda1Converged = null,
                Lambda1Step = null,
                StabilityRatio = null,
                LearningRate = null,
                Restarts = 0,
                RestartBudget = 3,
                RemedyWantedCurvature = false,
                Node = null,
                Device = null,
                ParametersSha256 = null,
                Reason = null,
                Parameters = new Dictionary<string, string>(),
            },
        ];
    }
}
