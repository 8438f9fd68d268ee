using CurvatureActors.Bench.Workloads;

namespace CurvatureActors.Bench.Throughput;

/// <summary>One turn of a workload and the turns of the bare loop around it.</summary>
internal sealed record Comparison(Reading Before, Reading Measured, Reading After)
{
    /// <summary>Steps per second of the bare loop.</summary>
    internal double Bare => (Before.StepsPerSecond + After.StepsPerSecond) / 2;

    /// <summary>Steps per second of the workload over those of the bare loop: 1 is as fast.</summary>
    internal double Ratio => Measured.StepsPerSecond / Bare;

    /// <summary>Processor time per step over that of the bare loop: 1 is as cheap.</summary>
    internal double ProcessorRatio =>
        Measured.ProcessorMicroseconds / ((Before.ProcessorMicroseconds + After.ProcessorMicroseconds) / 2);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Measured.StepsPerSecond:F0} steps/s against {Before.StepsPerSecond:F0} and {After.StepsPerSecond:F0}, "
        + $"ratio {Ratio:F3}, processor time a step x {ProcessorRatio:F3}";
}
