using CurvatureActors.Cli.Reports.Studies.PublishedRules;
using CurvatureActors.Training;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Cli.Reports.Studies;

/// <summary>How a rule did on curves whose end is known.</summary>
/// <param name="Rule">Its name.</param>
/// <param name="Delays">Of each lost run that it caught, steps from the onset of the failure to its verdict; 0 when it came before.</param>
/// <param name="Early">How many of these verdicts came before the onset.</param>
/// <param name="Lost">Lost runs.</param>
/// <param name="FalseAlarms">Verdicts on runs that ended useful.</param>
/// <param name="Useful">Runs that ended useful.</param>
internal sealed record DetectionScore(
    string Rule, IReadOnlyList<int> Delays, int Early, int Lost, int FalseAlarms, int Useful)
{
    /// <summary>The middle delay; null when nothing was caught.</summary>
    public double? MedianDelay => Delays.Count == 0 ? null : Statistics.Median(Delays.Select(delay => (double)delay));

    /// <summary>The longest delay; null when nothing was caught.</summary>
    public int? WorstDelay => Delays.Count == 0 ? null : Delays.Max();
}

/// <summary>Replays our rules and published ones over the same recorded curves.</summary>
internal static class DetectionComparison
{
    /// <summary>What our rules together are called.</summary>
    public const string AllOfOurs = "ours: all";

    /// <summary>What the name of a published rule begins with.</summary>
    public const string Published = "published: ";

    /// <summary>Scores of each of our rules alone, of all of them, and of the published ones.</summary>
    /// <param name="curves">The curves, each with the specification that its run was supervised with elsewhere, and what guessing gives on its data.</param>
    public static IReadOnlyList<DetectionScore> Scores(
        IReadOnlyList<(LossCurve Curve, RunSpecification Watched, Guessing Guessing)> curves)
    {
        var scores = new List<DetectionScore>();
        foreach (string rule in curves.SelectMany(entry => entry.Watched.Detection.Rules).Distinct())
        {
            scores.Add(Score($"ours: {rule}", entry => Ours(entry.Watched, entry.Guessing, [rule])));
        }

        scores.Add(Score(AllOfOurs, entry => Ours(entry.Watched, entry.Guessing, entry.Watched.Detection.Rules)));
        foreach ((string name, Func<IPublishedRule> create) in PublishedRuleRegistry.All)
        {
            scores.Add(Score(Published + name, _ => Theirs(create())));
        }

        return scores;

        DetectionScore Score(string name, Func<(LossCurve Curve, RunSpecification Watched, Guessing Guessing), Func<StepMetrics, bool>> start)
        {
            var delays = new List<int>();
            int early = 0;
            int alarms = 0;
            foreach ((LossCurve Curve, RunSpecification Watched, Guessing Guessing) entry in curves)
            {
                Func<StepMetrics, bool> fires = start(entry);
                // The first verdict ends the replay, as it would end the attempt.
                foreach (StepMetrics step in entry.Curve.Steps)
                {
                    if (fires(step))
                    {
                        if (entry.Curve.Onset is { } onset)
                        {
                            delays.Add(Math.Max(0, step.Step - onset));
                            early += step.Step < onset ? 1 : 0;
                        }
                        else
                        {
                            alarms++;
                        }

                        break;
                    }
                }
            }

            int lost = curves.Count(entry => entry.Curve.Onset is not null);
            return new DetectionScore(name, delays, early, lost, alarms, curves.Count - lost);
        }
    }

    private static Func<StepMetrics, bool> Ours(RunSpecification watched, Guessing guessing, EquatableList<string> rules)
    {
        var detector = new DivergenceDetector(watched with { Detection = watched.Detection with { Rules = rules } }, guessing);
        return step => detector.Observe(step) is not null;
    }

    private static Func<StepMetrics, bool> Theirs(IPublishedRule rule) => step => rule.Observe(step);
}
