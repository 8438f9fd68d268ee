using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using CurvatureActors.Actors.Hosting;

namespace CurvatureActors.Cli.Control;

/// <summary>Speaks to the program that holds a state directory.</summary>
/// <param name="directory">The directory.</param>
/// <param name="startUp">How long a program that has just started may take to listen; null for what is usual.</param>
internal sealed class ControlClient(StateDirectory directory, TimeSpan? startUp = null)
{
    /// <summary>Longer than the server itself waits for a run.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>A program that has just started listens soon.</summary>
    private static readonly TimeSpan StartUp = TimeSpan.FromSeconds(15);

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    /// <summary>Asks for an action on a run or an experiment; an experiment's name goes before a run's.</summary>
    /// <returns>What was done.</returns>
    /// <exception cref="UsageException">No program is running, or it has no such target.</exception>
    /// <exception cref="StateDirectoryException">The program does not answer.</exception>
    public async Task<ControlReply> SendAsync(string verb, string target)
    {
        StateDirectoryHolder holder = await HolderAsync().ConfigureAwait(false);
        if (holder.Address is not { IsLoopback: true, Scheme: "http" })
        {
            // The secret is for this machine only, whatever a file of the directory says.
            throw new StateDirectoryException(
                $"{directory.Path} says that its program listens at {holder.Address}, which is not this machine's loopback address.");
        }

        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
        {
            BaseAddress = holder.Address,
            Timeout = Patience,
        };
        http.DefaultRequestHeaders.Add("Authorization", ControlToken.Header(ControlToken.Read(directory)));
        http.DefaultRequestHeaders.Add(Requester.Header, Requester.Of(verb));
        try
        {
            string name = Uri.EscapeDataString(target);
            ControlReply? reply = await PostAsync(http, $"api/experiments/{name}/{verb}").ConfigureAwait(false)
                ?? await PostAsync(http, $"api/runs/{name}/{verb}").ConfigureAwait(false);
            return reply ?? throw new UsageException(
                $"The program running on {directory.Path} works on no experiment and no single run \"{target}\"; `curvature list` names them all.");
        }
        catch (Exception error) when (error is HttpRequestException or IOException or SocketException or TaskCanceledException or JsonException)
        {
            throw new StateDirectoryException(
                $"Process {holder.ProcessId}, which is running on {directory.Path}, does not answer at {holder.Address}: {error.Message}", error);
        }
    }

    private async Task<StateDirectoryHolder> HolderAsync()
    {
        using var limit = new CancellationTokenSource(startUp ?? StartUp);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            StateDirectoryHolder holder = StateDirectoryLock.HolderOf(directory) ?? throw new UsageException(
                $"No program is running on {directory.Path}; `curvature resume` starts one.");
            if (holder.Address is not null && holder.Machine != Environment.MachineName)
            {
                throw new StateDirectoryException(
                    $"The program running on {directory.Path} is on {holder.Machine} and can be controlled from there only.");
            }

            if (holder.Address is not null)
            {
                return holder;
            }

            try
            {
                await timer.WaitForNextTickAsync(limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                throw new StateDirectoryException(holder.IsKnown
                    ? $"Process {holder.ProcessId} on {holder.Machine}, which is running on {directory.Path}, does not listen ({holder.Command})."
                    : $"{directory.Path} is in use by {holder.Who}, so nobody can tell where it listens: end it by Ctrl-C or SIGTERM, "
                        + "and the same command goes on.");
            }
        }
    }

    /// <summary>Null: there is no such target.</summary>
    private static async Task<ControlReply?> PostAsync(HttpClient http, string path)
    {
        using HttpResponseMessage response = await http.PostAsync(new Uri(path, UriKind.Relative), null).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        response.EnsureSuccessStatusCode();
        string text = await response.Content.ReadAsStringAsync().ConfigureAwait(false);
        return JsonSerializer.Deserialize<ControlReply>(text, Options) ?? throw new JsonException("The answer is empty.");
    }
}
