using CurvatureActors.Actors.Configuration;
using CurvatureActors.Hessian.Native;

namespace CurvatureActors.Cli;

/// <summary>Sets libtorch up before anything of it is used.</summary>
internal static class NativeSetup
{
    /// <summary>As an experiment asks for; threads belong to the process, so all its runs have the same number.</summary>
    public static NativeRuntimeReport Apply(ExperimentSpecification experiment) =>
        Apply(experiment.Threads, experiment.Runtime.TuneAllocator);

    /// <summary>With so many native threads, and the C library's allocator set or left.</summary>
    public static NativeRuntimeReport Apply(int threads, bool tuneAllocator) => NativeRuntime.Configure(
        new NativeRuntimeOptions { Threads = threads, TuneAllocator = tuneAllocator });
}
