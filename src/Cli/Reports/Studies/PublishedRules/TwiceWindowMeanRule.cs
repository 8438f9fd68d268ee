using CurvatureActors.Training.Sessions;

namespace CurvatureActors.Cli.Reports.Studies.PublishedRules;

/// <summary>
/// The loss is at least twice the mean of the 100 losses before it, five steps running. Not asked before there are 100;
/// outliers enter the mean.
/// </summary>
/// <remarks>
/// Constants and order of MosaicML's LLM Foundry, callback KillLossSpike: window_size 100, outlier_multiplier 2, patience 4
/// (the fifth outlier fires). No comparison with NaN is true, and a NaN in the window makes its mean one.
/// </remarks>
internal sealed class TwiceWindowMeanRule : IPublishedRule
{
    /// <summary>Losses of the mean.</summary>
    public const int Window = 100;

    private const double Factor = 2;
    private const int Patience = 4;

    private readonly Queue<double> _window = new(Window);
    private int _outliers;

    /// <inheritdoc/>
    public bool Observe(in StepMetrics metrics)
    {
        bool full = _window.Count == Window;
        _outliers = full && metrics.Loss >= Factor * _window.Average() ? _outliers + 1 : 0;
        if (full)
        {
            _ = _window.Dequeue();
        }

        _window.Enqueue(metrics.Loss);
        return _outliers > Patience;
    }
}
