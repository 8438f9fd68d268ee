using BenchmarkDotNet.Running;
using CurvatureActors.Bench;
using CurvatureActors.Bench.Curvature;
using CurvatureActors.Bench.Memory;
using CurvatureActors.Bench.Micro;
using CurvatureActors.Bench.Products;
using CurvatureActors.Bench.Rates;
using CurvatureActors.Bench.Throughput;
using CurvatureActors.Hessian.Native;

// As the program itself starts: the native settings come before the first use of torch.
string[] flags = [.. args.Skip(1)];
NativeRuntimeReport native = NativeRuntime.Configure(
    new NativeRuntimeOptions { Threads = 1, TuneAllocator = !flags.Contains("--untuned") });
Console.WriteLine(
    $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {Environment.ProcessorCount} cores, .NET {Environment.Version}, "
    + $"libtorch {native.LibtorchVersion}, allocator {native.Allocator}");

switch (args.FirstOrDefault())
{
    case "throughput":
        await ThroughputBenchmark.RunAsync(
            Flags.Number(flags, "--rounds", 7),
            Flags.Number(flags, "--steps", 3000),
            Flags.Texts(flags, "--only"),
            Flags.Texts(flags, "--set")).ConfigureAwait(false);
        return 0;
    case "memory":
        await MemoryBenchmark.RunAsync(Flags.Number(flags, "--steps", 2000), Flags.Number(flags, "--runs", 20))
            .ConfigureAwait(false);
        return 0;
    case "micro":
        // What follows is BenchmarkDotNet's own, for instance --filter '*Snapshot*'.
        BenchmarkSwitcher.FromTypes([typeof(ProductBenchmarks), typeof(MeasurementBenchmarks), typeof(SnapshotBenchmarks)])
            .Run(flags.Length > 0 ? flags : ["--filter", "*"], MicroConfiguration.Create());
        return 0;
    case "products":
        ProductCounts.Run(Flags.Number(flags, "--steps", 200), flags.Contains("--power"));
        return 0;
    case "curvature":
        Ratios.Run();
        Growth.Run();
        Endurance.Run(Flags.Number(flags, "--measurements", 500));
        return 0;
    case "rates":
        MissRates.Run(Flags.Number(flags, "--seeds", 1000), Flags.Texts(flags, "--only").FirstOrDefault(""));
        return 0;
    case "normalizations":
        Normalizations.Run();
        return 0;
    default:
        Console.Error.WriteLine("Say throughput, memory, micro, products, curvature, rates or normalizations; see bench/README.md.");
        return 2;
}
