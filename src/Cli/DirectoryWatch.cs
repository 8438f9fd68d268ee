using CurvatureActors.Actors.Hosting;

namespace CurvatureActors.Cli;

/// <summary>
/// Sees that the state directory stays where it is. Databases that are open can be written after they were removed, so
/// nothing else would tell before the end, when all of it would be gone.
/// </summary>
internal static class DirectoryWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Waits for work that needs the directory.</summary>
    /// <exception cref="StateDirectoryException">The directory was removed or moved meanwhile, or the work failed by it.</exception>
    public static async Task<T> DuringAsync<T>(Task<T> work, StateDirectoryLock held)
    {
        using var timer = new PeriodicTimer(Interval);
        while (await Task.WhenAny(work, timer.WaitForNextTickAsync().AsTask()).ConfigureAwait(false) != work)
        {
            if (held.Lost() is { } lost)
            {
                throw new StateDirectoryException(lost);
            }
        }

        try
        {
            T result = await work.ConfigureAwait(false);
            return held.Lost() is { } lost ? throw new StateDirectoryException(lost) : result;
        }
        catch (StateDirectoryException error) when (held.Lost() is { } lost && error.Message != lost)
        {
            throw new StateDirectoryException(lost, error);
        }
    }
}
