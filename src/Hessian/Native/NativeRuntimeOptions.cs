namespace CurvatureActors.Hessian.Native;

/// <summary>What <see cref="NativeRuntime.Configure"/> sets for the whole process.</summary>
public sealed record NativeRuntimeOptions
{
    /// <summary>Threads inside one tensor operation; at least 1. One per trainer is best where several trainers share a machine.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Threads between operations; at least 1. Settable once per process.</summary>
    public int InteropThreads { get; init; } = 1;

    /// <summary>
    /// Whether glibc's allocator is told to keep large freed blocks instead of giving them back to the kernel
    /// (several times faster on small models, at the price of a larger resident size).
    /// </summary>
    public bool TuneAllocator { get; init; } = true;
}
