using CurvatureActors.Actors.Configuration;
using CurvatureActors.Hessian.Native;

namespace CurvatureActors.Cli;

/// <summary>Sets libtorch up before anything of it is used.</summary>
internal static class NativeSetup
{
    /// <summary>As an experiment asks for; threads belong to the process, so all its runs have the same number.</summary>
    public static NativeRuntimeReport Apply(ExperimentSpecification experiment) => NativeRuntime.Configure(
        new NativeRuntimeOptions { Threads = experiment.Threads, TuneAllocator = experiment.Runtime.TuneAllocator });
}
