using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Telemetry;

namespace CurvatureActors.Cli.Reports.Figures;

/// <summary>Loss against step: the history that counts, what was trained in vain, divergences and rescues.</summary>
internal static class LossFigure
{
    /// <summary>Steps on each side that the smoothed loss is averaged over; fewer near the ends.</summary>
    private const int HalfWindow = 8;

    public static Figure Draw(RunReport run)
    {
        StepRow[] rows = [.. run.Steps.Rows];
        StepRow[] abandoned = [.. run.Steps.Abandoned.SelectMany(tail => tail.Rows)];
        (double, double)[] test = [.. run.Evaluations.Rows.Select(row => ((double)row.Step, row.Evaluation.Loss))];
        var chart = new Chart(AxisScale.SquareRoot, "step (square-root scale)", AxisScale.Log, "loss");
        (double Low, double High)? range = Chart.LogRange(
            rows.Concat(abandoned).Select(row => row.Metrics.Loss).Concat(test.Select(point => point.Item2)));
        double top = range?.High ?? 10;
        double low = range?.Low ?? 0.1;
        chart.Span(RunFigures.StepRange(run), (low, top * Math.Pow(top / low, RunFigures.RoomForFlags(run))));

        foreach (AbandonedTail<StepRow> tail in run.Steps.Abandoned)
        {
            chart.Line(
                tail.Rows.Select(row => ((double)row.Step, row.Metrics.Loss)), FigureColors.Vermilion.WithAlpha(.45),
                tail == run.Steps.Abandoned[0] ? "abandoned attempt" : null, 1.6f);
        }

        (double, double)[] batch = [.. rows.Select(row => ((double)row.Step, row.Metrics.Loss))];
        chart.Line(batch, FigureColors.Blue.WithAlpha(.35), "batch loss", 1);
        chart.Line(Smooth(batch), FigureColors.Blue, "smoothed", 2.2f);
        chart.Points(test, Symbol.Ring, FigureColors.Purple, "test loss");
        chart.Points(Divergences(run), Symbol.Cross, FigureColors.Vermilion, "diverged", 10);
        RunFigures.Flags(chart, run);
        if (range is null)
        {
            chart.Nothing(rows.Length + abandoned.Length == 0 ? "no step trained yet" : "no finite loss");
        }

        return chart.Finish(
            $"{RunFigures.FileName(run)}-loss",
            $"{run.Name}: loss",
            $"Loss of {run.Name} against step on a logarithmic axis: {NumberText.Count(rows.Length, "step")} in the history "
            + $"that counts, {NumberText.Count(abandoned.Length, "abandoned step")}, last batch loss {NumberText.Short(run.LastLoss)}.");
    }

    /// <summary>The loss at a verdict may be NaN: the mark then sits on the last finite loss before it.</summary>
    private static IEnumerable<(double, double)> Divergences(RunReport run)
    {
        foreach (AttemptState attempt in run.State.Attempts.Where(attempt => attempt.Verdict is not null))
        {
            StepRow? last = run.Steps.Rows.Concat(run.Steps.Abandoned.SelectMany(tail => tail.Rows))
                .Where(row => row.Attempt == attempt.Attempt && row.Step <= attempt.Verdict!.Step
                    && double.IsFinite(row.Metrics.Loss) && row.Metrics.Loss > 0)
                .MaxBy(row => row.Step);
            if (last is not null)
            {
                yield return (attempt.Verdict!.Step, last.Metrics.Loss);
            }
        }
    }

    /// <summary>
    /// Geometric mean over a window centred on each step: one that looks only back would lag far behind a loss that
    /// falls by a factor of ten in five steps. Gaps and values that are not positive and finite do not count.
    /// </summary>
    private static IEnumerable<(double, double)> Smooth((double X, double Y)[] points)
    {
        for (int i = 0; i < points.Length; i++)
        {
            int half = Math.Min(HalfWindow, Math.Min(i, points.Length - 1 - i));
            double[] logs =
            [
                .. points[(i - half)..(i + half + 1)].Select(point => Math.Log(point.Y)).Where(double.IsFinite),
            ];
            yield return (points[i].X, logs.Length == 0 ? double.NaN : Math.Exp(logs.Average()));
        }
    }
}
