using CurvatureActors.Training.Sessions;

namespace CurvatureActors.Cli.Reports.Studies.PublishedRules;

/// <summary>
/// a &lt;- 0.8 a + 0.2 min(x, 5 a) for each loss x, starting at the first; fires when a > 3 min(best a, median of the first 5
/// losses) three steps running. The rule that ours for a blow-up grew from, without its margin for noise.
/// </summary>
/// <remarks>NaN counts as 5 a: the worst that a loss can be, in the rule's favour.</remarks>
internal sealed class WinsorisedAverageRule : IPublishedRule
{
    private const double Smoothing = 0.2;
    private const double Winsor = 5;
    private const double Factor = 3;
    private const int FirstLosses = 5;
    private const int Patience = 3;

    private readonly List<double> _first = [];
    private double _average;
    private double _best;
    private int _over;

    /// <inheritdoc/>
    public bool Observe(in StepMetrics metrics)
    {
        if (_first.Count == 0)
        {
            if (double.IsFinite(metrics.Loss))
            {
                _first.Add(metrics.Loss);
                _average = _best = metrics.Loss;
            }

            return false;
        }

        double cap = Winsor * _average;
        double loss = metrics.Loss < cap ? metrics.Loss : cap;
        _average = ((1 - Smoothing) * _average) + (Smoothing * loss);
        _best = Math.Min(_best, _average);
        if (_first.Count < FirstLosses)
        {
            _first.Add(loss);
        }

        _over = _average > Factor * Math.Min(_best, Statistics.Median(_first)) ? _over + 1 : 0;
        return _over >= Patience;
    }
}
