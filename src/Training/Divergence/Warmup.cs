namespace CurvatureActors.Training.Divergence;

/// <summary>Tells from the rates alone whether a step is part of a warmup, whoever asked for it.</summary>
internal static class Warmup
{
    /// <summary>
    /// The rate rises, or it fell to less than half in one step: no schedule does that, a warmup that a remedy starts
    /// does. A rule that asks there would condemn the rescued run at the very step it was rolled back to.
    /// </summary>
    internal static bool IsUnderway(double lastRate, double rate) => rate > lastRate || rate < 0.5 * lastRate;
}
