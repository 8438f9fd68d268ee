using System.Globalization;

namespace CurvatureActors.Faults.Tests.Harness;

/// <summary>How much is run, and from which seed: the environment says so.</summary>
internal static class FaultSettings
{
    /// <summary><c>CURVATURE_FAULTS=full</c>: the counts of docs/guarantees.md; otherwise a few of each.</summary>
    public static bool Full { get; } = Environment.GetEnvironmentVariable("CURVATURE_FAULTS") == "full";

    /// <summary><c>CURVATURE_FAULTS_SEED</c>: what every random choice of a campaign follows from.</summary>
    public static int Seed { get; } = Environment.GetEnvironmentVariable("CURVATURE_FAULTS_SEED") is { Length: > 0 } seed
        ? int.Parse(seed, CultureInfo.InvariantCulture)
        : 20261124;

    /// <summary><c>CURVATURE_FAULTS_REPORT</c>: a Markdown file that gets one row of a table for each campaign.</summary>
    public static string? Report { get; } = Environment.GetEnvironmentVariable("CURVATURE_FAULTS_REPORT");
}
