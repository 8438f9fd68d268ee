namespace CurvatureActors.Training.Divergence;

/// <summary>
/// The last unclipped gradient norms, as many as the healthy part of a run needs for a percentile, and the first.
/// </summary>
/// <param name="healthyAfter">Steps before a verdict that are not yet known to be healthy.</param>
internal sealed class GradientNormWindow(int healthyAfter)
{
    /// <summary>Most norms that a percentile is taken over.</summary>
    internal const int Healthy = 256;

    private readonly Queue<GradientNorm> _last = new();
    private double? _first;

    /// <summary>Takes in the norm of a step; what is not finite is no sample of a healthy norm.</summary>
    internal void Add(int step, double norm)
    {
        // The first is the first: when it is not finite there is no healthy norm before it.
        _first ??= norm;
        if (!double.IsFinite(norm))
        {
            return;
        }

        _last.Enqueue(new GradientNorm(step, norm));
        while (_last.Count > Healthy + healthyAfter)
        {
            _last.Dequeue();
        }
    }

    /// <summary>
    /// The percentile (linear between neighbours) of the norms at steps up to <paramref name="verdictStep"/> -
    /// healthyAfter; the first norm where there are none; null if that was not finite.
    /// </summary>
    internal double? HealthyPercentile(int verdictStep, double percentile)
    {
        double[] norms = [.. _last
            .Where(norm => norm.Step <= verdictStep - healthyAfter)
            .Select(norm => norm.Norm)
            .Order()];
        if (norms.Length == 0)
        {
            return _first is { } first && double.IsFinite(first) ? first : null;
        }

        double position = Math.Clamp(percentile, 0, 100) / 100 * (norms.Length - 1);
        int below = (int)position;
        int above = Math.Min(below + 1, norms.Length - 1);
        return norms[below] + ((position - below) * (norms[above] - norms[below]));
    }

    /// <summary>What is remembered.</summary>
    internal GradientNormState Save() => new(_first, [.. _last]);

    /// <summary>Replaces what is remembered.</summary>
    internal void Load(GradientNormState state)
    {
        _first = state.First;
        _last.Clear();
        foreach (GradientNorm norm in state.Last)
        {
            _last.Enqueue(norm);
        }
    }
}

/// <summary>Unclipped global gradient norm of a step.</summary>
internal readonly record struct GradientNorm(int Step, double Norm);

/// <summary>What <see cref="GradientNormWindow"/> remembers.</summary>
internal sealed record GradientNormState(double? First, GradientNorm[] Last);
