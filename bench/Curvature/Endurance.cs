using System.Globalization;
using CurvatureActors.Bench.Memory;
using CurvatureActors.Bench.Micro;
using CurvatureActors.Training.Curvature;

namespace CurvatureActors.Bench.Curvature;

/// <summary>Memory over many measurements of snapshots of a real run, one after the other.</summary>
internal static class Endurance
{
    private const int Snapshots = 20;

    internal static void Run(int measurements)
    {
        using ShortRun run = new(Snapshots);
        using CurvatureProbe probe = new(run.Specification, run.Data.Train);
        Console.WriteLine("| measurements | resident, MB | native in use, MB | managed, MB |");
        Console.WriteLine("|---|---|---|---|");
        for (int i = 0; i <= measurements; i++)
        {
            probe.Measure(run.Snapshots[i % Snapshots]);
            if (i % (measurements / 10) == 0)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {i} | {ResidentMemory.Now():f1} | {NativeHeap.InUseMegabytes():f1} | {GC.GetTotalMemory(forceFullCollection: true) / 1e6:f2} |"));
            }
        }
    }
}
