using CurvatureActors.Training.Sessions;

namespace CurvatureActors.Cli.Reports.Studies.PublishedRules;

/// <summary>A rule of others that looks for divergence in recorded metrics, as they wrote it: something to hold ours against.</summary>
internal interface IPublishedRule
{
    /// <summary>Takes in the next step's metrics, in order, those that are not finite too.</summary>
    /// <returns>Whether the run counts as diverging at this step.</returns>
    bool Observe(in StepMetrics metrics);
}
