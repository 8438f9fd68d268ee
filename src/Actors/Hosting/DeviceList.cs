namespace CurvatureActors.Actors.Hosting;

/// <summary>Which devices a node offers when the configuration says <c>auto</c>.</summary>
public static class DeviceList
{
    /// <summary>
    /// The devices named; otherwise every CUDA device; otherwise as many CPU slots as the cores give when each
    /// trainer has <paramref name="threads"/> of them, and at least <paramref name="workers"/>.
    /// </summary>
    public static IReadOnlyList<string> Resolve(
        IReadOnlyList<string>? named, int threads, int cudaDevices, int workers = 1) => named switch
        {
            not null => named,
            _ when cudaDevices > 0 => [.. Enumerable.Range(0, cudaDevices).Select(device => $"cuda:{device}")],
            _ => [.. Enumerable.Range(0, Math.Max(workers, Environment.ProcessorCount / threads)).Select(slot => $"cpu:{slot}")],
        };
}
