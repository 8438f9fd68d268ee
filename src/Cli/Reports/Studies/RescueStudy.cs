using CurvatureActors.Actors.Runs;
using CurvatureActors.Cli.Reports.Figures;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Specification;

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
                .Select(rate => (rate.Key, 100.0 * rate.Count(RunOutcome.IsUseful) / rate.Count())),
        ];
        (double, double)[] Accuracy(bool supervised) =>
        [
            .. Of(supervised).GroupBy(run => run.AskedLearningRate).OrderBy(rate => rate.Key)
                .Select(rate => (rate.Key, 100 * rate.Average(run => run.IsUseful() ? run.FinalAccuracy() ?? 0 : 0))),
        ];
        yield return SeriesFigure.Draw(
            "study-rescue-useful", "Runs that end useful",
            new SeriesAxis(AxisScale.Log, "learning rate η asked for"), new SeriesAxis(AxisScale.Linear, "runs that end useful, %"),
            [new Series("supervised", Useful(true)), new Series("left alone", Useful(false))]);
        yield return SeriesFigure.Draw(
            "study-rescue-accuracy", "Accuracy, a lost run counting as 0",
            new SeriesAxis(AxisScale.Log, "learning rate η asked for"), new SeriesAxis(AxisScale.Linear, "mean test accuracy at the end, %"),
            [new Series("supervised", Accuracy(true)), new Series("left alone", Accuracy(false))]);
    }

    public Verdict Judge(ReportData data)
    {
        var table = new StudyTable(
            "what", "number", "of", "share or value", "median delay, steps", "worst delay, steps", "before the onset");
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

        int usefulAlone = pairs.Count(pair => pair.Alone.IsUseful());
        int usefulWatched = pairs.Count(pair => pair.Watched.IsUseful());
        (RunReport Alone, RunReport Watched)[] well = [.. pairs.Where(pair => pair.Alone.IsUseful())];
        (RunReport Alone, RunReport Watched)[] alarmed = [.. well.Where(pair => pair.Watched.EverDiverged)];
        RunReport[] rescued = [.. watched.Where(run => run.Fate is Fate.Rescued && run.IsUseful())];
        double? rescuedAccuracy = Mean(rescued.Select(StudyRuns.FinalAccuracy));
        double? rightAccuracy = Mean(rescued.Select(run => Right(watched, run)));
        int wasted = watched.Sum(run => run.Steps.Abandoned.Sum(tail => tail.Rows.Count));
        int trained = watched.Sum(run => run.AllSteps().Count());
        Share(table, "useful, left alone", usefulAlone, pairs.Length);
        Share(table, "useful, supervised", usefulWatched, pairs.Length);
        Share(table, "false alarms on runs that are well alone", alarmed.Length, well.Length);
        Share(table, "of these ending worse than alone", alarmed.Count(pair => pair.Watched.FinalAccuracy() is not { } end || end < pair.Alone.FinalAccuracy() - Noise), alarmed.Length);
        Share(table, "steps thrown away by rescues", wasted, trained);
        Row(table, "mean accuracy of rescued runs", rescued.Length, watched.Length, rescuedAccuracy);
        Row(table, "mean accuracy of the best unrescued run of the same model", null, null, rightAccuracy);
        Verdicts(table, watched, wasted);
        Remedies(table, watched, rescued);
        (LossCurve, RunSpecification, Guessing)[] curves =
        [
            .. pairs.Select(pair => (Curve: LossCurve.Of(pair.Alone), Watched: pair.Watched.Specification, Guessing: pair.Watched.Guessing()))
                .Where(entry => entry.Curve is not null && entry.Guessing is not null)
                .Select(entry => (entry.Curve!, entry.Watched, entry.Guessing!)),
        ];
        Row(table, "curves of runs left alone that rules are replayed over", curves.Length, pairs.Length, (double)curves.Length / pairs.Length);
        IReadOnlyList<DetectionScore> scores = DetectionComparison.Scores(curves);
        Detection(table, scores);

        return new Verdict(
            usefulWatched > usefulAlone && alarmed.Length * 20 <= well.Length && (rescuedAccuracy is null || rescuedAccuracy >= rightAccuracy - (5 * Noise)),
            $"{usefulAlone} of {pairs.Length} runs end useful when left alone and {usefulWatched} when supervised. Of {well.Length} runs that are well alone "
            + $"{alarmed.Length} were interfered with (allowed: one in twenty). {NumberText.Count(rescued.Length, "run")} rescued end at a mean accuracy of "
            + $"{NumberText.Percent(rescuedAccuracy)}, against {NumberText.Percent(rightAccuracy)} of the best run of the same model that needed no rescue "
            + $"(allowed: {NumberText.Percent(5 * Noise)} less). {NumberText.Percent((double)wasted / Math.Max(1, trained))} of all steps trained under supervision were thrown away."
            + InWords(scores),
            table);
    }

    /// <summary>Which rules fired under supervision, and what their verdicts threw away.</summary>
    private static void Verdicts(StudyTable table, RunReport[] watched, int wasted)
    {
        (RunReport Run, AttemptState Attempt)[] verdicts =
        [
            .. watched.SelectMany(run => run.State.Attempts.Where(attempt => attempt.Verdict is not null).Select(attempt => (run, attempt))),
        ];
        foreach (var rule in verdicts.GroupBy(entry => entry.Attempt.Verdict!.Rule))
        {
            Share(table, $"verdicts by rule {rule.Key}", rule.Count(), verdicts.Length);
            Share(
                table, $"steps thrown away after verdicts by rule {rule.Key}",
                rule.Sum(entry => entry.Run.Steps.Abandoned.Where(tail => tail.Attempt == entry.Attempt.Attempt).Sum(tail => tail.Rows.Count)), wasted);
        }
    }

    /// <summary>How often each remedy was tried, how often it was the one that worked, and how well those runs ended.</summary>
    private static void Remedies(StudyTable table, RunReport[] watched, RunReport[] rescued)
    {
        string[] tried = [.. watched.SelectMany(run => run.State.Attempts).Select(attempt => attempt.Remedy?.Remedy).OfType<string>()];
        foreach (string remedy in tried.Distinct())
        {
            // The last remedy of a run that ended useful is the one that worked.
            RunReport[] worked = [.. rescued.Where(run => run.State.Attempts.Last(attempt => attempt.Remedy is not null).Remedy!.Remedy == remedy)];
            int used = tried.Count(other => other == remedy);
            Share(table, $"remedy {remedy} was the last one needed", worked.Length, used);
            Row(table, $"mean accuracy of runs rescued by {remedy} in the end", worked.Length, rescued.Length, Mean(worked.Select(StudyRuns.FinalAccuracy)));
        }
    }

    private static void Detection(StudyTable table, IReadOnlyList<DetectionScore> scores)
    {
        foreach (DetectionScore score in scores)
        {
            table.Add(
                $"lost runs caught, {score.Rule}", score.Delays.Count, score.Lost, Ratio(score.Delays.Count, score.Lost),
                score.MedianDelay, score.WorstDelay, score.Early);
        }

        foreach (DetectionScore score in scores)
        {
            Share(table, $"false alarms, {score.Rule}", score.FalseAlarms, score.Useful);
        }
    }

    private static string InWords(IReadOnlyList<DetectionScore> scores)
    {
        DetectionScore ours = scores.Single(score => score.Rule == DetectionComparison.AllOfOurs);
        return ours.Lost == 0
            ? ""
            : $" On the same curves to their end our rules catch {ours.Delays.Count} of {NumberText.Count(ours.Lost, "lost run")} "
                + $"(median delay {NumberText.Count((int)Math.Round(ours.MedianDelay ?? 0), "step")}) with {NumberText.Count(ours.FalseAlarms, "false alarm")} "
                + $"on {ours.Useful} useful ones; of the published rules "
                + string.Join(", ", scores.Where(score => score.Rule.StartsWith(DetectionComparison.Published, StringComparison.Ordinal)).Select(score =>
                    $"{score.Rule[DetectionComparison.Published.Length..]} catches {score.Delays.Count} ({NumberText.Count(score.FalseAlarms, "false alarm")})"))
                + ".";
    }

    /// <summary>The identity of a run but for its supervision.</summary>
    private static string Twin(RunReport run) => (run.Specification with
    {
        Recovery = run.Specification.Recovery with { Enabled = false },
        Detection = run.Specification.Detection with { Rules = [] },
    }).Identity();

    /// <summary>The best accuracy among the supervised runs that differ in their rate only and needed no rescue.</summary>
    private static double? Right(RunReport[] watched, RunReport run) => watched
        .Where(other => other.Fate is Fate.Completed && AtAnyRate(other) == AtAnyRate(run)).Max(StudyRuns.FinalAccuracy);

    private static string AtAnyRate(RunReport run) => (run.Specification with
    {
        Optimizer = run.Specification.Optimizer with { LearningRate = 1 },
    }).Identity();

    private static void Share(StudyTable table, string what, int some, int all) =>
        Row(table, what, some, all, Ratio(some, all));

    private static void Row(StudyTable table, string what, int? number, int? of, double? value) =>
        table.Add(what, number, of, value, null, null, null);

    private static double? Ratio(int some, int all) => all == 0 ? null : (double)some / all;

    private static double? Mean(IEnumerable<double?> values) => values.OfType<double>().ToArray() is { Length: > 0 } known ? known.Average() : null;
}
