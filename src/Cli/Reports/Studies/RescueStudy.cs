using CurvatureActors.Actors.Runs;
using CurvatureActors.Cli.Reports.Figures;

namespace CurvatureActors.Cli.Reports.Studies;

/// <summary>The same sweep left alone and supervised: what detection and remedies are worth.</summary>
internal sealed class RescueStudy : IStudy
{
    /// <summary>Accuracy that is not told apart from noise when a supervised run is held against its twin.</summary>
    public const double Noise = 0.02;

    public string Name => "rescue";

    public string Title => "What supervision is worth";

    public string Claim =>
        "The claim of this program: with supervision more runs of the same sweep end useful, runs that were well on their own are left "
        + "alone, and what is rescued ends about as well as the runs of the same model whose rate was right from the start.";

    public IEnumerable<Figure> Figures(ReportData data)
    {
        RunReport[] Of(bool supervised) => [.. data.Runs.Where(run => run.Specification.Recovery.Enabled == supervised)];
        (double, double)[] Useful(bool supervised) =>
        [
            .. Of(supervised).GroupBy(run => run.AskedLearningRate).OrderBy(rate => rate.Key)
                .Select(rate => (rate.Key, 100.0 * rate.Count(StudyRuns.Survived) / rate.Count())),
        ];
        (double, double)[] Accuracy(bool supervised) =>
        [
            .. Of(supervised).GroupBy(run => run.AskedLearningRate).OrderBy(rate => rate.Key)
                .Select(rate => (rate.Key, 100 * rate.Average(run => run.FinalAccuracy() ?? 0))),
        ];
        yield return SeriesFigure.Draw(
            "study-rescue-useful", "Runs that end useful",
            new SeriesAxis(AxisScale.Log, "learning rate η asked for"), new SeriesAxis(AxisScale.Linear, "runs that reach their end, %"),
            [new Series("supervised", Useful(true)), new Series("left alone", Useful(false))]);
        yield return SeriesFigure.Draw(
            "study-rescue-accuracy", "Accuracy, a lost run counting as 0",
            new SeriesAxis(AxisScale.Log, "learning rate η asked for"), new SeriesAxis(AxisScale.Linear, "mean test accuracy at the end, %"),
            [new Series("supervised", Accuracy(true)), new Series("left alone", Accuracy(false))]);
    }

    public Verdict Judge(ReportData data)
    {
        var table = new StudyTable("what", "number", "of", "share or value");
        RunReport[] alone = [.. data.Runs.Where(run => !run.Specification.Recovery.Enabled)];
        RunReport[] watched = [.. data.Runs.Where(run => run.Specification.Recovery.Enabled)];
        (RunReport Alone, RunReport Watched)[] pairs =
        [
            .. from one in alone
               join other in watched on Twin(one) equals Twin(other)
               select (one, other),
        ];
        if (!data.AllOver() || pairs.Length == 0)
        {
            return new Verdict(null, "It takes the same runs with supervision off and on, all at their end.", table);
        }

        int usefulAlone = pairs.Count(pair => pair.Alone.Survived());
        int usefulWatched = pairs.Count(pair => pair.Watched.Survived());
        (RunReport Alone, RunReport Watched)[] well = [.. pairs.Where(pair => pair.Alone.Survived())];
        (RunReport Alone, RunReport Watched)[] alarmed = [.. well.Where(pair => pair.Watched.EverDiverged)];
        RunReport[] rescued = [.. watched.Where(run => run.Fate is Fate.Rescued)];
        double? rescuedAccuracy = Mean(rescued.Select(StudyRuns.FinalAccuracy));
        double? rightAccuracy = Mean(rescued.Select(run => Right(watched, run)));
        int wasted = watched.Sum(run => run.Steps.Abandoned.Sum(tail => tail.Rows.Count));
        int trained = watched.Sum(run => run.AllSteps().Count());
        Share(table, "useful, left alone", usefulAlone, pairs.Length);
        Share(table, "useful, supervised", usefulWatched, pairs.Length);
        Share(table, "false alarms on runs that are well alone", alarmed.Length, well.Length);
        Share(table, "of these ending worse than alone", alarmed.Count(pair => pair.Watched.FinalAccuracy() is not { } end || end < pair.Alone.FinalAccuracy() - Noise), alarmed.Length);
        Share(table, "steps thrown away by rescues", wasted, trained);
        table.Add("mean accuracy of rescued runs", rescued.Length, watched.Length, rescuedAccuracy);
        table.Add("mean accuracy of the best unrescued run of the same model", null, null, rightAccuracy);
        AttemptState[] attempts = [.. watched.SelectMany(run => run.State.Attempts)];
        foreach (IGrouping<string, AttemptState> rule in attempts.Where(attempt => attempt.Verdict is not null).GroupBy(attempt => attempt.Verdict!.Rule))
        {
            Share(table, $"verdicts by rule {rule.Key}", rule.Count(), attempts.Count(attempt => attempt.Verdict is not null));
        }

        foreach (string remedy in attempts.Select(attempt => attempt.Remedy?.Remedy).OfType<string>().Distinct())
        {
            int used = attempts.Count(attempt => attempt.Remedy?.Remedy == remedy);
            // The last remedy of a run that reached its end is the one that worked.
            int worked = rescued.Count(run => run.State.Attempts.Last(attempt => attempt.Remedy is not null).Remedy!.Remedy == remedy);
            Share(table, $"remedy {remedy} was the last one needed", worked, used);
        }

        return new Verdict(
            usefulWatched > usefulAlone && alarmed.Length * 20 <= well.Length && (rescuedAccuracy is null || rescuedAccuracy >= rightAccuracy - (5 * Noise)),
            $"{usefulAlone} of {pairs.Length} runs end useful when left alone and {usefulWatched} when supervised. Of {well.Length} runs that are well alone "
            + $"{alarmed.Length} were interfered with (allowed: one in twenty). {NumberText.Count(rescued.Length, "run")} rescued end at a mean accuracy of "
            + $"{NumberText.Percent(rescuedAccuracy)}, against {NumberText.Percent(rightAccuracy)} of the best run of the same model that needed no rescue "
            + $"(allowed: {NumberText.Percent(5 * Noise)} less). {NumberText.Percent((double)wasted / Math.Max(1, trained))} of all steps trained under supervision were thrown away.",
            table);
    }

    /// <summary>The identity of a run but for its supervision.</summary>
    private static string Twin(RunReport run) => (run.Specification with
    {
        Recovery = run.Specification.Recovery with { Enabled = false },
    }).Identity();

    /// <summary>The best accuracy among the supervised runs that differ in their rate only and needed no rescue.</summary>
    private static double? Right(RunReport[] watched, RunReport run) => watched
        .Where(other => other.Fate is Fate.Completed && AtAnyRate(other) == AtAnyRate(run)).Max(StudyRuns.FinalAccuracy);

    private static string AtAnyRate(RunReport run) => (run.Specification with
    {
        Optimizer = run.Specification.Optimizer with { LearningRate = 1 },
    }).Identity();

    private static void Share(StudyTable table, string what, int some, int all) =>
        table.Add(what, some, all, all == 0 ? null : (double)some / all);

    private static double? Mean(IEnumerable<double?> values) => values.OfType<double>().ToArray() is { Length: > 0 } known ? known.Average() : null;
}
