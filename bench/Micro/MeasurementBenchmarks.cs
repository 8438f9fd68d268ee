using BenchmarkDotNet.Attributes;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Snapshots;

namespace CurvatureActors.Bench.Micro;

/// <summary>
/// What a value of lambda1 costs along a real run, per snapshot: from a cold start each time, and from what the
/// measurement before found.
/// </summary>
public class MeasurementBenchmarks
{
    private const int Snapshots = 20;

    private ShortRun _run = null!;
    private CurvatureProbe _probe = null!;

    /// <summary>Trains, and tells what both ways find.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _run = new ShortRun(Snapshots + 1);
        Renew();
        CurvatureMeasurement[] warm = [.. Measured.Select(_probe.Measure)];
        CurvatureMeasurement[] cold = [.. Measured.Select(_probe.MeasureCold)];
        Console.WriteLine(
            $"// products per value: cold {cold.Average(one => one.Products):F1}, warm {warm.Average(one => one.Products):F1}; "
            + $"converged: cold {cold.Count(one => one.Converged)}, warm {warm.Count(one => one.Converged)} of {Snapshots}; "
            + $"largest difference {warm.Zip(cold, (a, b) => Math.Abs(a.Lambda1 - b.Lambda1) / b.Lambda1).Max():E1} of the value; "
            + $"lambda1 from {cold.Min(one => one.Lambda1):G4} to {cold.Max(one => one.Lambda1):G4}");
    }

    /// <summary>A probe that has measured the snapshot before the first.</summary>
    [IterationSetup]
    public void Renew()
    {
        _probe?.Dispose();
        _probe = new CurvatureProbe(_run.Specification, _run.Data.Train);
        _probe.Measure(_run.Snapshots[0]);
    }

    /// <summary>Frees everything.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _probe.Dispose();
        _run.Dispose();
    }

    /// <summary>Lanczos from a random vector.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Snapshots)]
    public double Cold() => Measured.Sum(snapshot => _probe.MeasureCold(snapshot).Lambda1);

    /// <summary>From the vectors of the snapshot before.</summary>
    [Benchmark(OperationsPerInvoke = Snapshots)]
    public double Warm() => Measured.Sum(snapshot => _probe.Measure(snapshot).Lambda1);

    private IEnumerable<SnapshotBuffer> Measured => _run.Snapshots.Skip(1);
}
