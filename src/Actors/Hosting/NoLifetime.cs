using Microsoft.Extensions.Hosting;

namespace CurvatureActors.Actors.Hosting;

/// <summary>
/// The host's stock lifetime takes SIGINT and SIGTERM for itself and does nothing that would end this program. Signals are
/// the program's.
/// </summary>
internal sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
