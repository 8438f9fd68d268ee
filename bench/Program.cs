using CurvatureActors.Bench;
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
        await ThroughputBenchmark.RunAsync(Flags.Number(flags, "--rounds", 7), Flags.Number(flags, "--steps", 3000))
            .ConfigureAwait(false);
        return 0;
    default:
        Console.Error.WriteLine("Say throughput [--rounds N] [--steps N] [--untuned]; see bench/README.md.");
        return 2;
}
