namespace CurvatureActors.Hessian.Native;

/// <summary>What <see cref="NativeRuntime.Configure"/> found and did; shown by <c>curvature doctor</c>.</summary>
public sealed record NativeRuntimeReport
{
    /// <summary>Whether the allocator was tuned.</summary>
    public required bool AllocatorTuned { get; init; }

    /// <summary>One sentence: how the allocator was tuned, or why it was not.</summary>
    public required string Allocator { get; init; }

    /// <summary>How waiting OpenMP threads behave (<c>OMP_WAIT_POLICY</c>), and who decided it.</summary>
    public required string OpenMpWaitPolicy { get; init; }

    /// <summary>libtorch's own log level (<c>TORCH_CPP_LOG_LEVEL</c>), and who decided it.</summary>
    public required string TorchLogLevel { get; init; }

    /// <summary>
    /// Whether libtorch was loaded before the call, in which case wait policy and interop threads came too late.
    /// </summary>
    public required bool LoadedTooEarly { get; init; }

    /// <summary>Threads inside one tensor operation, as libtorch reports them.</summary>
    public required int Threads { get; init; }

    /// <summary>Threads between operations, as libtorch reports them.</summary>
    public required int InteropThreads { get; init; }

    /// <summary>Version of libtorch that TorchSharp was built for.</summary>
    public required string LibtorchVersion { get; init; }

    /// <summary>Version of the TorchSharp assembly.</summary>
    public required string TorchSharpVersion { get; init; }

    /// <summary>Devices that can be used, such as <c>cpu</c> and <c>cuda:0</c>.</summary>
    public required IReadOnlyList<string> Devices { get; init; }
}
