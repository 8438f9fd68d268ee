using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Actors.Runs;

namespace CurvatureActors.Cli.Reports;

/// <summary>Everything the report says about one experiment.</summary>
/// <param name="Experiment">Its name.</param>
/// <param name="AcceptedAt">When its present form was accepted, UTC.</param>
/// <param name="WrittenAt">When the data were gathered, UTC.</param>
/// <param name="Runs">Its runs in order.</param>
internal sealed record ReportData(
    string Experiment, DateTimeOffset AcceptedAt, DateTimeOffset WrittenAt, IReadOnlyList<RunReport> Runs)
{
    /// <summary>The key under which a sweep varies the peak learning rate.</summary>
    public const string LearningRateKey = "optimizer.learning-rate";

    /// <summary>Study that the experiment is drawn and judged as; null for none.</summary>
    public string? Study { get; init; }

    /// <summary>What of the state directory does not fit together, a sentence each: then the numbers are not to be relied on.</summary>
    public IReadOnlyList<string> Misfits { get; init; } = [];

    /// <summary>What its runs lacked already at their ends, a sentence each: the figures have gaps there.</summary>
    public IReadOnlyList<string> Gaps { get; init; } = [];

    /// <summary>Reads an experiment.</summary>
    /// <param name="reader">The state directory.</param>
    /// <param name="experiment">Its name; null for the one accepted last.</param>
    /// <exception cref="ReportException">There is no such experiment, or none at all.</exception>
    public static ReportData Gather(StateReader reader, string? experiment)
    {
        ArgumentNullException.ThrowIfNull(reader);
        IReadOnlyList<ExperimentView> known = reader.Experiments();
        if (known.Count == 0)
        {
            throw new ReportException(
                "There is no experiment in this state directory yet, so there is nothing to report; "
                + "start one with `curvature run FILE`, or name another directory with --state.");
        }

        ExperimentView view = experiment is null
            ? known.MaxBy(candidate => candidate.AcceptedAt)!
            : known.FirstOrDefault(candidate => candidate.Name == experiment)
                ?? throw new ReportException(
                    $"There is no experiment \"{experiment}\" in this state directory; there "
                    + (known.Count == 1 ? "is only " : "are ")
                    + string.Join(", ", known.Select(candidate => $"\"{candidate.Name}\"")) + ".");
        var verification = StateVerification.Of(reader, view.Name);
        return new ReportData(
            view.Name, view.AcceptedAt, DateTimeOffset.UtcNow, [.. view.Runs.Select(run => Gather(reader, run))])
        {
            Study = view.Study,
            Misfits = verification.Problems,
            Gaps = verification.Incomplete,
        };
    }

    /// <summary>What the sweep varied besides the learning rate and the seed, in words; empty when nothing.</summary>
    public string SeriesOf(RunReport run)
    {
        ArgumentNullException.ThrowIfNull(run);
        IReadOnlyDictionary<string, string> mine = run.View.Accepted.Parameters;
        return string.Join(", ", mine.Keys
            .Where(key => key != LearningRateKey && !IsSeed(key) && Varies(key))
            .Order(StringComparer.Ordinal)
            .Select(key => $"{key[(key.LastIndexOf('.') + 1)..].Replace('-', ' ')} {mine[key]}"));
    }

    private static bool IsSeed(string key) => key == "seed" || key.EndsWith(".seed", StringComparison.Ordinal);

    private bool Varies(string key) =>
        Runs.Select(run => run.View.Accepted.Parameters.GetValueOrDefault(key)).Distinct().Skip(1).Any();

    private static RunReport Gather(StateReader reader, RunView view)
    {
        Dictionary<int, int> starts = [];
        foreach (AttemptState attempt in view.State.Attempts)
        {
            starts[attempt.Attempt] = attempt.FromStep;
        }

        return new RunReport
        {
            View = view,
            Steps = EffectiveCurve.Build(reader.Steps(view.Run), starts),
            Evaluations = EffectiveCurve.Build(reader.Evaluations(view.Run), starts),
            Measurements = EffectiveCurve.Build(reader.Measurements(view.Run), starts),
            Values = EffectiveCurve.Build(reader.CurvatureValues(view.Run), starts),
            Densities = EffectiveCurve.Build(reader.Densities(view.Run), starts),
        };
    }
}
