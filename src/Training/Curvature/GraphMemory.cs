using CurvatureActors.Hessian.Operators;

namespace CurvatureActors.Training.Curvature;

/// <summary>How much memory the kept graphs of probes may take where nobody says.</summary>
public static class GraphMemory
{
    /// <summary>
    /// A quarter of the memory that .NET counts on: of the machine's, or of three quarters of a container's limit. In bytes.
    /// </summary>
    public static long Share => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;

    /// <summary>A budget for all probes of a process.</summary>
    /// <param name="bytes">Of all processes together; null for <see cref="Share"/>.</param>
    /// <param name="processes">How many of them share the machine.</param>
    public static GraphBudget Of(long? bytes, int processes = 1) => new((bytes ?? Share) / Math.Max(1, processes));
}
