using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Training.Snapshots;

namespace CurvatureActors.Actors.Tests.Probes;

/// <summary>Stored snapshots, of which one cannot be had until it is released, and then is not there: a read that hangs.</summary>
internal sealed class HeldSnapshots(SnapshotFolder folder) : ISnapshotReader, IDisposable
{
    public const string Held = "held";

    private readonly ManualResetEventSlim _released = new();
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completed once somebody waits for it.</summary>
    public Task Asked => _asked.Task;

    public SnapshotBuffer Read(string file, string sha256)
    {
        if (file == Held)
        {
            _asked.TrySetResult();
            _released.Wait();
        }

        return folder.Read(file, sha256);
    }

    public void Release() => _released.Set();

    public void Dispose() => _released.Dispose();
}
