using CurvatureActors.Bench.Workloads;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Bench.Throughput;

/// <summary>
/// Steps per second of the session and of the whole program against a bare TorchSharp loop. Every turn of a workload
/// lies between two turns of the bare loop, and its ratio is to the mean of these two.
/// </summary>
internal static class ThroughputBenchmark
{
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(1.5);

    /// <param name="rounds">Turns of every workload.</param>
    /// <param name="steps">Steps of a run in a turn of the whole program.</param>
    /// <param name="only">Workloads whose names contain one of these; all when empty.</param>
    /// <param name="sets">Settings of the program over everything else.</param>
    internal static async Task RunAsync(int rounds, int steps, string[] only, string[] sets)
    {
        RunSpecification run = Experiments.Create().Runs[0].Specification;
        var images = (ImageDataSet)DataSets.Load(run.Data).Train;
        using var first = new BareLoop(images);
        using var second = new BareLoop(images);
        using var session = new SessionLoop(run);

        Func<Reading> bare = () => LoopTurn.Run(Turn, first);
        Func<Reading> bareTwice = () => LoopTurn.Run(Turn, first, second);
        Workload[] workloads =
        [
            new("session alone", bare, _ => Task.FromResult(LoopTurn.Run(Turn, session))),
            new("program, probes off, no evaluation", bare, Program(
                ["cpu"], "probe.enabled=false", $"training.evaluate-every={int.MaxValue}")),
            new("program, probes off", bare, Program(["cpu"], "probe.enabled=false")),
            new("program, probes on, dense-steps 0", bare, Program(["cpu"], "probe.dense-steps=0")),
            new("program, probes on, defaults", bare, Program(["cpu"])),
            new("program, 2 devices, probes off", bareTwice, Program(
                ["cpu", "cpu:1"], "probe.enabled=false", "sweep.seeds=2")),
        ];
        workloads = [.. workloads.Where(workload => only.Length == 0 || only.Any(workload.Name.Contains))];

        // Compiled, loaded and settled before anything counts.
        foreach (Workload workload in workloads)
        {
            workload.Bare();
            await workload.Run(Math.Min(steps, 500)).ConfigureAwait(false);
        }

        for (int round = 1; round <= rounds; round++)
        {
            foreach (Workload workload in workloads)
            {
                Reading before = workload.Bare();
                Reading reading = await workload.Run(steps).ConfigureAwait(false);
                Comparison comparison = workload.Add(before, reading, workload.Bare());
                Console.WriteLine($"round {round}/{rounds}, {workload.Name}: {comparison}");
            }
        }

        Console.WriteLine();
        Console.WriteLine($"Medians of {rounds} turns (smallest to largest); the program's turns have {steps} steps a run.");
        foreach (Workload workload in workloads)
        {
            workload.Print();
        }

        Func<int, Task<Reading>> Program(string[] devices, params string[] own) => async count =>
            await WholeProgram.RunAsync(Experiments.Create([.. own, .. sets, $"training.steps={count}"]), devices)
                .ConfigureAwait(false);
    }
}
