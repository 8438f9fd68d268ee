using CurvatureActors.Cli.Reports.Figures;
using ScottPlot;

namespace CurvatureActors.Cli.Reports.Studies;

/// <summary>lambda1 over the first steps of a network that fails and of the same network treated (Gilmer et al. 2021, section 4).</summary>
internal sealed class TracesStudy : IStudy
{
    /// <summary>Steps within which a failure counts as early.</summary>
    public const int FewSteps = 20;

    public string Name => "traces";

    public string Title => "Curvature over the first steps";

    public string Claim =>
        "At a rate at which a network without normalisation fails within its first steps, warmup, gradient clipping, BatchNorm "
        + "and MetaInit each keep it alive, and all by the same means: little curvature early on, or small steps until it has "
        + "come down (Gilmer et al. 2021, sections 3 and 4).";

    public IEnumerable<Figure> Figures(ReportData data)
    {
        foreach (IGrouping<string, RunReport> model in data.Runs.GroupBy(run => run.Specification.Model.Kind))
        {
            RunReport[] runs = [.. model];
            var chart = new Chart(AxisScale.SquareRoot, "step (square-root scale)", AxisScale.Log, "curvature λ1");
            double steps = runs.Max(run => run.Specification.Training.Steps);
            double line = 2 / runs.Max(run => run.AskedLearningRate);
            double[] values =
            [
                // What blows up leaves the figure at its top; the rest must stay legible.
                .. runs.SelectMany(Points).Select(point => point.Y).Where(value => value < 1e3 * runs.Max(run => run.InitialLambda1() ?? 1)),
                line,
            ];
            chart.Span((0, steps * 1.02), Chart.LogRange(values) ?? (0.1, 10));
            chart.Line([(0, line), (steps * 1.02, line)], FigureColors.Ink, "2/η", 1.6f, LinePattern.DenselyDashed);
            for (int i = 0; i < runs.Length; i++)
            {
                Color color = StudyRuns.Treatment(runs[i]) == "none" ? FigureColors.Vermilion
                    : FigureColors.Series[i % FigureColors.Series.Count] == FigureColors.Vermilion ? FigureColors.Ink
                    : FigureColors.Series[i % FigureColors.Series.Count];
                (double X, double Y)[] points = [.. Points(runs[i])];
                chart.Line(points, color.WithAlpha(.8), Words(runs[i]), 1.8f);
                if (runs[i].EverDiverged)
                {
                    chart.Points(points.TakeLast(1), Symbol.Cross, color, null, 10);
                }
            }

            if (runs.Any(run => run.EverDiverged))
            {
                chart.Legend(Symbol.Cross, FigureColors.Ink, "failed", 9);
            }

            yield return chart.Finish(
                $"study-traces-{model.Key}", $"Curvature over the first steps: {model.Key}",
                $"lambda1 of {model.Key} against step on a logarithmic axis, one line a run: "
                + string.Join(", ", runs.Select(run => $"{Words(run)} from {NumberText.Short(run.InitialLambda1())}")) + ".");
        }
    }

    public Verdict Judge(ReportData data)
    {
        var table = new StudyTable(
            "run", "model", "treatment", "learning rate", "λ1 at initialisation", "ηλ1/2 at initialisation", "highest λ1",
            "failed", "from step", "test accuracy");
        foreach (RunReport run in data.Runs)
        {
            double[] values = [.. Points(run).Select(point => point.Y).Where(double.IsFinite)];
            table.Add(
                run.Name, run.Specification.Model.Kind, Words(run), run.AskedLearningRate, run.InitialLambda1(), run.InitialRatio(),
                values.Length == 0 ? null : values.Max(), run.IsOver() ? run.EverDiverged : null, run.Onset(), run.FinalAccuracy());
        }

        RunReport[] plain = [.. data.Runs.Where(run => StudyRuns.Treatment(run) == "none")];
        RunReport[] treated = [.. data.Runs.Except(plain)];
        if (!data.AllOver() || plain.Length == 0 || treated.Length == 0)
        {
            return new Verdict(null, "It takes runs with and without a treatment that have all come to an end.", table);
        }

        int early = plain.Count(run => run.Onset() <= FewSteps);
        RunReport[] lost = [.. treated.Where(run => run.EverDiverged)];
        string text = $"Of {NumberText.Count(plain.Length, "run")} without any treatment {early} failed within {FewSteps} steps ("
            + string.Join(", ", plain.Select(run => $"{run.Specification.Model.Kind}: "
                + (run.Onset() is { } step ? $"from step {step}" : "not at all"))) + $"); of {treated.Length} treated ones {lost.Length} failed"
            + (lost.Length == 0 ? "." : " (" + string.Join(", ", lost.Select(run => $"{run.Specification.Model.Kind} with {Words(run)}")) + ").");
        return new Verdict(early == plain.Length && lost.Length == 0, text, table);
    }

    private static string Words(RunReport run) => StudyRuns.Treatment(run) is var treatment && treatment == "none" ? "no treatment" : treatment;

    /// <summary>Of a run that failed its first attempt, since that is where it failed.</summary>
    private static IEnumerable<(double X, double Y)> Points(RunReport run) => run.Measurements.Rows
        .Concat(run.Measurements.Abandoned.SelectMany(tail => tail.Rows))
        .Where(row => !run.EverDiverged || row.Attempt == 1)
        .OrderBy(row => row.Step)
        .Select(row => ((double)row.Step, row.Measurement.Lambda1));
}
