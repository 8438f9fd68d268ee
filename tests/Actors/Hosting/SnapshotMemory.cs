using CurvatureActors.Training.Snapshots;

namespace CurvatureActors.Actors.Tests.Hosting;

/// <summary>Tests that count the leases of <see cref="SnapshotPool.Shared"/> run when no other test takes any.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SnapshotMemory
{
    internal const string Name = "shared snapshot memory";

    /// <summary>Leases in use, without those that earlier tests lost and the garbage collector would return later.</summary>
    internal static int LeasesInUse()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return SnapshotPool.Shared.BuffersInUse;
    }
}
