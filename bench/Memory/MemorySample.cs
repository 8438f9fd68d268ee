using System.Globalization;
using CurvatureActors.Training.Snapshots;
using static TorchSharp.torch;

namespace CurvatureActors.Bench.Memory;

/// <summary>What the process held at a step.</summary>
/// <param name="Steps">Steps trained since the experiment began.</param>
/// <param name="ResidentMegabytes">VmRSS.</param>
/// <param name="NativeMegabytes">Allocated by native code and not freed; NaN where that is not known.</param>
/// <param name="ManagedMegabytes">Managed heap after a full collection.</param>
/// <param name="Tensors">Tensors that are alive.</param>
/// <param name="Snapshots">Snapshot buffers in use.</param>
internal sealed record MemorySample(
    int Steps, double ResidentMegabytes, double NativeMegabytes, double ManagedMegabytes, long Tensors, int Snapshots)
{
    internal static MemorySample Take(int steps)
    {
        double managed = GC.GetTotalMemory(forceFullCollection: true) / 1e6;
        return new(steps, Resident(), NativeHeap.InUseMegabytes(), managed, Tensor.TotalCount, SnapshotPool.Shared.BuffersInUse);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Steps,6} steps: resident {ResidentMegabytes:F1} MB, native in use {NativeMegabytes:F1} MB, managed {ManagedMegabytes:F1} MB, "
        + $"tensors {Tensors}, snapshots in use {Snapshots}";

    private static double Resident()
    {
        if (!OperatingSystem.IsLinux())
        {
            return Environment.WorkingSet / 1e6;
        }

        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / 1e6;
    }
}
