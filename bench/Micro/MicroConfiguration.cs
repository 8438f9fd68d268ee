using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace CurvatureActors.Bench.Micro;

/// <summary>
/// In this process: the project that BenchmarkDotNet would generate gets neither the linked libtorch nor its cure, and
/// this process has the native settings of the program.
/// </summary>
internal static class MicroConfiguration
{
    internal static IConfig Create() => DefaultConfig.Instance.AddJob(Job.Default
        .WithToolchain(InProcessEmitToolchain.Instance)
        .WithWarmupCount(3)
        .WithIterationCount(10));
}
