using CurvatureActors.Training.Sessions;

namespace CurvatureActors.Cli.Reports.Studies.PublishedRules;

/// <summary>
/// The loss is above ten times the mean of the first 100 losses. Not asked before there are 100: a blow-up among them raises
/// the bar, and a NaN among them makes it one, above which nothing is.
/// </summary>
internal sealed class TenTimesStartRule : IPublishedRule
{
    /// <summary>Losses of the mean.</summary>
    public const int Start = 100;

    private const double Factor = 10;

    private double _sum;
    private int _count;

    /// <inheritdoc/>
    public bool Observe(in StepMetrics metrics)
    {
        if (_count < Start)
        {
            _sum += metrics.Loss;
            _count++;
            return false;
        }

        return metrics.Loss > Factor * (_sum / Start);
    }
}
