using CurvatureActors.Training.Sessions;

namespace CurvatureActors.Cli.Reports.Studies.PublishedRules;

/// <summary>
/// The loss or the gradient norm is not at or below its rolling mean + 6 standard deviations (n - 1) over the 128 steps before;
/// not asked before the 64th step.
/// </summary>
/// <remarks>
/// Constants of Ai2's OLMo-core, SkipStepOptimizer: rolling_interval_length 128, sigma_factor 6, asked from half of the
/// interval on. There it skips an update; here it is asked what it would be worth as a verdict. NaN is at or below nothing,
/// so it fires, and so does every step while one is in the window.
/// </remarks>
internal sealed class SixSigmaRule : IPublishedRule
{
    /// <summary>Steps of mean and deviation.</summary>
    public const int Window = 128;

    private const double Sigmas = 6;

    private readonly Queue<double> _losses = new(Window);
    private readonly Queue<double> _norms = new(Window);

    /// <inheritdoc/>
    public bool Observe(in StepMetrics metrics)
    {
        bool asked = _losses.Count + 1 >= Window / 2;
        bool fires = asked && (!(metrics.Loss <= Bar(_losses)) || !(metrics.GradientNorm <= Bar(_norms)));
        Add(_losses, metrics.Loss);
        Add(_norms, metrics.GradientNorm);
        return fires;
    }

    private static double Bar(Queue<double> window)
    {
        double mean = window.Average();
        return mean + (Sigmas * Math.Sqrt(window.Sum(value => (value - mean) * (value - mean)) / (window.Count - 1)));
    }

    private static void Add(Queue<double> window, double value)
    {
        if (window.Count == Window)
        {
            _ = window.Dequeue();
        }

        window.Enqueue(value);
    }
}
