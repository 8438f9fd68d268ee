using System.Net;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Sweeps;
using CurvatureActors.Cli.Display;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace CurvatureActors.Cli.Control;

/// <summary>
/// The control API of a running program, HTTP on 127.0.0.1 and a free port:
/// <c>POST /api/runs/TARGET/ACTION</c> and <c>POST /api/experiments/NAME/ACTION</c> with an action of
/// <see cref="ControlAction"/> in lower case are answered by a <see cref="ControlReply"/> once it is done (404: no such
/// target, action or path), <c>GET /api/runs</c> by the objects of <c>list --json</c>. Only this machine's own programs are
/// heard, see <see cref="LocalRequests"/> (403), and of these only those that know the secret: header
/// <c>Authorization: Bearer</c>, see <see cref="ControlToken"/> (401).
/// </summary>
internal sealed class ControlServer : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(1);

    private readonly WebApplication _application;

    private ControlServer(WebApplication application) => _application = application;

    /// <summary>Where it listens.</summary>
    public Uri Address => new(_application.Urls.Single());

    /// <summary>Starts to listen.</summary>
    /// <param name="handler">Whom it speaks for.</param>
    /// <param name="token">What every request has to know.</param>
    /// <exception cref="IOException">There is no loopback address to listen on.</exception>
    public static async Task<ControlServer> StartAsync(IControlHandler handler, string token)
    {
        // The empty builder reads no settings of the environment and logs nowhere.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        WebApplication application = builder.Build();
        application.Use(RefuseForeignAsync);
        application.Use((context, next) => RequireTokenAsync(context, token, next));
        application.Use(ExplainAsync);
        application.UseRouting();
        application.MapGet("/api/runs", context => WriteAsync(context, StatusCodes.Status200OK, handler.Runs()));
        application.MapPost("/api/runs/{target}/{verb}", context => ActAsync(context, handler, experiment: false));
        application.MapPost("/api/experiments/{target}/{verb}", context => ActAsync(context, handler, experiment: true));
        await application.StartAsync().ConfigureAwait(false);
        return new ControlServer(application);
    }

    /// <summary>
    /// Answers what is under way, then stops. Every answer is known by now: who has not yet sent all of a request, or does not
    /// read its answer, is not waited for, since the program and its state directory would be held by a stranger.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(StopPatience);
        await _application.StopAsync(limit.Token).ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
    }

    private static Task RefuseForeignAsync(HttpContext context, RequestDelegate next) =>
        LocalRequests.Refusal(context.Request) is { } why
            ? WriteAsync(context, StatusCodes.Status403Forbidden, new ControlReply(false, why, []))
            : next(context);

    private static Task RequireTokenAsync(HttpContext context, string token, RequestDelegate next)
    {
        // More than one header is one too many.
        if (ControlToken.IsIn(context.Request.Headers.Authorization is [var header] ? header : null, token))
        {
            return next(context);
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        return WriteAsync(context, StatusCodes.Status401Unauthorized, new ControlReply(
            false, "The token of this program is wanted, as \"Authorization: Bearer TOKEN\"; lock.json names the file that holds it.", []));
    }

    /// <summary>Routing answers what it does not know (404, 405) with nothing but the status.</summary>
    private static async Task ExplainAsync(HttpContext context, RequestDelegate next)
    {
        await next(context).ConfigureAwait(false);
        if (!context.Response.HasStarted && context.Response.StatusCode >= StatusCodes.Status400BadRequest)
        {
            await WriteAsync(context, context.Response.StatusCode, new ControlReply(
                false,
                $"There is no {context.Request.Method} {context.Request.Path}; there are GET /api/runs, "
                    + "POST /api/runs/TARGET/ACTION and POST /api/experiments/NAME/ACTION.",
                [])).ConfigureAwait(false);
        }
    }

    private static async Task ActAsync(HttpContext context, IControlHandler handler, bool experiment)
    {
        string verb = (string)context.GetRouteValue("verb")!;
        // A slash within a name comes escaped, and is left so.
        string target = ((string)context.GetRouteValue("target")!).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        string[] verbs = [.. Enum.GetNames<ControlAction>().Select(name => name.ToLowerInvariant())];
        if (Array.IndexOf(verbs, verb) is var index && index < 0)
        {
            await WriteAsync(context, StatusCodes.Status404NotFound, new ControlReply(
                false, $"\"{verb}\" is no action; there are {string.Join(", ", verbs)}.", [])).ConfigureAwait(false);
            return;
        }

        IReadOnlyList<RunOutcome>? outcomes = await handler
            .ControlAsync(
                Enum.GetValues<ControlAction>()[index],
                new ControlTarget(target, experiment),
                Requester.From(context.Request.Headers[Requester.Header])).ConfigureAwait(false);
        await (outcomes is null
            ? WriteAsync(context, StatusCodes.Status404NotFound, new ControlReply(false, Unknown(target, experiment), []))
            : WriteAsync(context, StatusCodes.Status200OK, Reply(outcomes))).ConfigureAwait(false);
    }

    private static string Unknown(string target, bool experiment) =>
        $"The running program works on no {(experiment ? "experiment" : "single run")} \"{target}\"; `curvature list` names them all.";

    private static ControlReply Reply(IReadOnlyList<RunOutcome> outcomes) => new(
        true,
        string.Join('\n', outcomes.Select(run => DisplayText.Line($"run {run.Run} [{run.Name}]: {run.Message}"))),
        [.. outcomes.Select(run => new ControlledRun(run.Run, run.Name, run.State.Word(), run.Message))]);

    private static Task WriteAsync<T>(HttpContext context, int status, T value)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(JsonOutput.Text(value));
    }
}
