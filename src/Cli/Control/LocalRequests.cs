using System.Net;
using Microsoft.AspNetCore.Http;

namespace CurvatureActors.Cli.Control;

/// <summary>
/// Which requests come from this machine's own programs. Listening on the loopback address is not enough: a page in a
/// browser here can post to it (it names its Origin), and can be led to it under a name of its own (which is then the Host).
/// </summary>
internal static class LocalRequests
{
    /// <summary>Why a request is refused; null when it is not.</summary>
    public static string? Refusal(HttpRequest request)
    {
        if (!IsLoopback(request.Host.Host))
        {
            return $"Host \"{request.Host}\" is not this machine's loopback address.";
        }

        string? origin = request.Headers.Origin;
        return origin is null || IsOwn(origin, request.HttpContext.Connection.LocalPort)
            ? null
            : $"Origin \"{origin}\" may not control this program.";
    }

    private static bool IsOwn(string origin, int port) =>
        Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri)
        && uri.Scheme == Uri.UriSchemeHttp
        && uri.Port == port
        && IsLoopback(uri.Host);

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
}
