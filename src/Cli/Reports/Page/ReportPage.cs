using System.Globalization;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Cli.Reports.Tables;
using CurvatureActors.Training.Recovery;
using CurvatureActors.Training.Specification;
using static CurvatureActors.Cli.Reports.MarkupText;

namespace CurvatureActors.Cli.Reports.Page;

/// <summary>The page: first what happened and what it means, then the figures, the numbers, and each run's story.</summary>
internal static class ReportPage
{
    public static string Render(
        ReportData data, FigureSet overview, IReadOnlyDictionary<string, IReadOnlyList<DrawnFigure>> figures,
        StudySection? study = null)
    {
        var html = new Html();
        html.Raw("<!DOCTYPE html>")
            .Raw("<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">")
            .Raw("<head><meta charset=\"utf-8\" /><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />")
            .Raw($"<title>{Escape(data.Experiment)} – curvature report</title>")
            .Raw($"<style>{StyleSheet.Text()}</style></head><body><main>");
        html.Raw("<header>")
            .Raw($"<h1>{Escape(data.Experiment)}</h1>")
            .Raw($"<p class=\"when\">Curvature report of {Time(data.WrittenAt)}; experiment accepted {Time(data.AcceptedAt)}"
                + $"{Configuration(data)}.</p>")
            .Raw($"<p class=\"headline\">{Prose(Summary.Headline(data))}</p></header>");
        Misfits(html, data);
        study?.Render(html);

        IReadOnlyList<string> findings = Summary.Findings(data);
        if (findings.Count > 0)
        {
            html.Raw("<section class=\"card\" aria-labelledby=\"findings\"><h3 id=\"findings\">What the runs show</h3><ul class=\"findings\">");
            foreach (string finding in findings)
            {
                html.Raw($"<li>{Prose(finding)}</li>");
            }

            html.Raw("</ul></section>");
        }

        Explanation(html);
        html.Raw("<section aria-labelledby=\"line\"><h2 id=\"line\">Curvature against learning rate</h2><div class=\"figures\">");
        Figure(html, overview.AtInitialisation, "At initialisation.", "In the tinted region, above the paper's line 2/η, a plain gradient step overshoots.");
        Figure(html, overview.InMidTraining, "In mid-training.", "The paper found survivors at or below the dashed line; momentum moves the limit.");
        html.Raw("</div></section>");
        html.Raw("<section aria-labelledby=\"comparison\"><h2 id=\"comparison\">Which learning rate is best</h2><div class=\"figures\">");
        Figure(html, overview.Accuracy, "Test accuracy at the end.", "A run without a result lies on the lower edge.");
        Figure(html, overview.Loss, "Test loss at the end.", "A run without a result lies on the upper edge.");
        html.Raw("</div></section>");
        Table(html, data);
        Runs(html, data, figures);
        Files(html);
        return html.Raw("</main></body></html>").ToString();
    }

    private static void Misfits(Html html, ReportData data)
    {
        List(
            html, "misfits", "What does not fit",
            "Journal, telemetry and snapshots contradict each other, or what was recorded at the end of a run:", data.Misfits);
        List(html, "gaps", "What is missing", "These numbers were lost before the end of their runs; figures have gaps there:", data.Gaps);
    }

    private static void List(Html html, string id, string title, string meaning, IReadOnlyList<string> items)
    {
        if (items.Count == 0)
        {
            return;
        }

        html.Raw($"<section class=\"card\" aria-labelledby=\"{id}\"><h3 id=\"{id}\">{title}</h3><p>{meaning}</p><ul>");
        foreach (string item in items)
        {
            html.Raw($"<li>{Escape(item)}</li>");
        }

        html.Raw("</ul></section>");
    }

    private static void Explanation(Html html) => html.Raw(
        """
        <section class="card prose" aria-labelledby="meaning"><h3 id="meaning">How to read this page</h3>
        <p><b>λ<sub>1</sub></b> is the largest eigenvalue of the Hessian of the training loss: how sharply the loss curves
        upwards in its steepest direction. It is taken over a fixed set of training examples, without weight decay.
        A step of size η along a direction of curvature λ multiplies the distance to the bottom by 1 − ηλ. When
        λ<sub>1</sub> is greater than <b>2/η</b>, that factor is below −1: each step overshoots by more than it
        corrects, and the loss grows instead of falling.</p>
        <p>Gilmer et al. (<a href="https://arxiv.org/abs/2110.04369">A Loss Curvature Perspective on Training Instability in
        Deep Learning, 2021, arXiv 2110.04369</a>) found that this one line explains much of what makes training unstable.
        Networks that start above it either diverge or are driven down to it; what survives sits at or below it; and
        warmup works because it keeps η small until the curvature has come down. Momentum moves the limit: for heavy ball it
        is 2(1+β)/η. The page draws the paper's line and the optimizer's own. Crossing a line is a warning, not
        a verdict: here a run counts as diverging only when its loss or gradient says so.</p></section>
        """);

    private static void Table(Html html, ReportData data)
    {
        html.Raw("<section aria-labelledby=\"runs\"><h2 id=\"runs\">Runs</h2><div class=\"card scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"runs\"><table>")
            .Raw("<thead><tr><th scope=\"col\">Run</th><th scope=\"col\">State</th>"
                + "<th scope=\"col\" class=\"n\" title=\"restarts after divergence, of those allowed\">Restarts</th>"
                + "<th scope=\"col\" class=\"n\">Test loss</th>"
                + "<th scope=\"col\" class=\"n\">Test accuracy</th><th scope=\"col\" class=\"n\">λ<sub>1</sub> ± residual</th>"
                + "<th scope=\"col\" class=\"n\" title=\"1 is the edge of stability of the optimizer\">Stability ratio</th>"
                + "<th scope=\"col\" class=\"n\" title=\"of the last step\">Learning rate</th><th scope=\"col\" title=\"SHA-256 of the final parameters\">Parameters</th></tr></thead><tbody>");
        foreach (RunReport run in data.Runs)
        {
            var m = run.LastMeasurement;
            html.Raw($"<tr><th scope=\"row\"><a href=\"#{Anchor(run)}\">{Escape(run.Name)}</a></th><td>{Badge(run)}</td>"
                + $"<td class=\"n\">{run.State.Restarts} / {run.Specification.Recovery.Budget}</td>"
                + $"<td class=\"n\">{NumberText.Short(run.Evaluation?.Loss)}</td>"
                + $"<td class=\"n\">{NumberText.Percent(run.Evaluation?.Accuracy)}{(run.State.Completion is null && run.Evaluation is { } e ? $"<br /><span class=\"note\">at step {e.Step}</span>" : "")}</td>"
                + $"<td class=\"n\">{Lambda(run)}{(m is null ? "" : $"<br /><span class=\"note\">at step {m.Step}{(m.Measurement.Converged ? "" : ", not converged")}</span>")}</td>"
                + $"<td class=\"n\">{NumberText.Short(m?.Measurement.StabilityRatio)}</td>"
                + $"<td class=\"n\">{NumberText.Short(run.LastLearningRate)}</td>"
                + $"<td>{Sha(run)}</td></tr>");
        }

        html.Raw("</tbody></table></div></section>");
    }

    private static void Runs(Html html, ReportData data, IReadOnlyDictionary<string, IReadOnlyList<DrawnFigure>> figures)
    {
        RunReport[] drawn = [.. data.Runs.Where(run => figures[run.Run].All(figure => figure.Svg is not null))];
        RunReport[] others = [.. data.Runs.Except(drawn)];
        html.Raw("<section aria-labelledby=\"stories\"><h2 id=\"stories\">Each run</h2>");
        foreach (RunReport run in drawn)
        {
            Section(html, run, figures[run.Run]);
        }

        if (others.Length > 0)
        {
            html.Raw($"<details><summary>{NumberText.Count(others.Length, "more run")}, without figures on this page (they lie beside it)</summary>");
            foreach (RunReport run in others)
            {
                Section(html, run, figures[run.Run]);
            }

            html.Raw("</details>");
        }

        html.Raw("</section>");
    }

    private static void Section(Html html, RunReport run, IReadOnlyList<DrawnFigure> figures)
    {
        html.Raw($"<article class=\"card\" id=\"{Anchor(run)}\" aria-labelledby=\"{Anchor(run)}-name\"><div class=\"runhead\">"
            + $"<h3 id=\"{Anchor(run)}-name\">{Escape(run.Name)}</h3>{Badge(run)}<code>{Escape(run.Run)}</code></div>");
        html.Raw("<dl>"
            + Term("Asked for", $"η {NumberText.Short(run.AskedLearningRate)}, {Escape(WarmupWords(run.Specification.Schedule.WarmupSteps))}, "
                + $"{Escape(run.Specification.Optimizer.Kind)}, {run.Specification.Training.Steps} steps")
            + Term("Reached", $"step {run.View.Step}")
            + Term("Last batch loss", NumberText.Short(run.LastLoss))
            + Term("Test accuracy", NumberText.Percent(run.Evaluation?.Accuracy)
                + (run.State.Completion is null && run.Evaluation is { } e ? $" at step {e.Step}" : ""))
            + Term("λ<sub>1</sub> ± residual", Lambda(run)
                + (run.LastMeasurement is { } m ? $" at step {m.Step}{(m.Measurement.Converged ? "" : ", not converged")}" : ""))
            + Term("Stability ratio", NumberText.Short(run.LastMeasurement?.Measurement.StabilityRatio))
            + "</dl>");
        if (run.State.Reason is { } reason)
        {
            html.Raw($"<p>{Prose(reason)}</p>");
        }

        Attempts(html, run);
        if (figures.All(figure => figure.Svg is not null))
        {
            html.Raw("<div class=\"figures\">");
            foreach (DrawnFigure figure in figures)
            {
                html.Raw($"<figure>{figure.Svg}</figure>");
            }

            html.Raw("</div>");
        }
        else
        {
            html.Raw("<p class=\"note\">Figures beside this page: " + string.Join(", ", figures.Select(figure =>
                $"<a href=\"{Escape(figure.File)}\">{Escape(figure.File)}</a>")) + "</p>");
        }

        html.Raw("</article>");
    }

    private static void Attempts(Html html, RunReport run)
    {
        if (run.State.Attempts.IsEmpty)
        {
            html.Raw("<p class=\"note\">No attempt was started yet.</p>");
            return;
        }

        bool diverged = run.EverDiverged;
        html.Raw("<div class=\"scroll\"><table class=\"attempts\"><thead><tr><th scope=\"col\">Attempt</th><th scope=\"col\">From step</th>"
            + "<th scope=\"col\" class=\"plan\">Trained with</th>"
            + (diverged ? "<th scope=\"col\">What was found</th><th scope=\"col\">What was done</th>" : "<th scope=\"col\">What was found</th>")
            + "</tr></thead><tbody>");
        foreach (AttemptState attempt in run.State.Attempts)
        {
            html.Raw($"<tr><td data-label=\"Attempt\">{attempt.Attempt}</td><td data-label=\"From step\">{attempt.FromStep}</td>"
                + $"<td data-label=\"Trained with\">{Escape(PlanWords(attempt.Plan))}</td>"
                + $"<td data-label=\"Found\"{(diverged ? " class=\"wide\"" : "")}>{Found(run, attempt)}</td>"
                + (diverged ? $"<td data-label=\"Done\" class=\"wide\">{Done(attempt)}</td>" : "") + "</tr>");
        }

        html.Raw("</tbody></table></div>");
    }

    private static string Found(RunReport run, AttemptState attempt) => attempt.Verdict is { } verdict
        ? $"<b class=\"diverged\">Diverged at step {verdict.Step}</b> (rule {Escape(verdict.Rule)}). {Prose(verdict.Evidence)}"
        : attempt == run.State.Attempt && run.State.Completion is { } done
            ? $"Trained to step {done.Steps}; no divergence."
            : "No divergence so far.";

    private static string Done(AttemptState attempt) => attempt switch
    {
        { Remedy: { } remedy } =>
            $"<b class=\"rescued\">{Escape(remedy.Remedy)}</b>, back to step {attempt.RolledBackTo}. {Prose(remedy.Reason)} "
            + $"<span class=\"note\">{Basis(remedy)}</span>",
        { Verdict: not null } => "Nothing: no restart was left or none is chosen yet.",
        _ => "–",
    };

    private static string Basis(RemedyDecision remedy) => (remedy.RateBy, remedy.Lambda1) switch
    {
        (RateBasis.Lambda1, { } lambda) => $"The rate is by the measured λ<sub>1</sub> = {NumberText.Short(lambda)}.",
        (RateBasis.ForwardPasses, { } lambda) =>
            $"The rate is by forward passes, which allow less than the measured λ<sub>1</sub> = {NumberText.Short(lambda)}.",
        (RateBasis.ForwardPasses, null) => "The rate is by forward passes; there was no λ<sub>1</sub> to go by.",
        (RateBasis.Factor, { } lambda) =>
            $"The rate is by its factor, which is lower than what was measured allows (λ<sub>1</sub> = {NumberText.Short(lambda)}).",
        (RateBasis.Factor, null) => "The rate is by its factor alone.",
        (null, { } lambda) => $"Looked at the measured λ<sub>1</sub> = {NumberText.Short(lambda)}.",
        _ => "Its numbers use no curvature.",
    };

    private static void Files(Html html)
    {
        html.Raw("<section aria-labelledby=\"files\"><h2 id=\"files\">The numbers</h2><div class=\"card\">"
            + "<p class=\"note\">CSV files beside this page (RFC 4180, UTF-8; NaN, Infinity and -Infinity are written as words; an "
            + "empty field means there is no value). <code>effective</code> is false for what a restart discarded. The figures "
            + $"are in the folder <code>{ReportWriter.FigureFolder}</code> as PNG.</p><dl class=\"files\">");
        foreach ((string file, string columns) in ReportTables.Documentation)
        {
            html.Raw($"<div><dt><a href=\"{file}\">{file}</a></dt><dd>{Escape(columns)}</dd></div>");
        }

        html.Raw("</dl></div></section>");
    }

    private static void Figure(Html html, DrawnFigure figure, string title, string caption) => html.Raw(
        $"<figure>{figure.Svg}<figcaption><b>{Escape(title)}</b> {Prose(caption)}</figcaption></figure>");

    private static string Term(string term, string text) => $"<div><dt>{term}</dt><dd>{text}</dd></div>";

    private static string Badge(RunReport run)
    {
        string state = run.View.Status.Word();
        string text = run.Fate == Fate.Rescued ? "completed, rescued" : state;
        return $"<span class=\"badge {run.Fate.Word()}\">{text}</span>";
    }

    private static string Lambda(RunReport run) => run.LastMeasurement is { Measurement: var m }
        ? $"{NumberText.Short(m.Lambda1)} ± {NumberText.Short(m.Residual, 2)}"
        : "–";

    private static string Sha(RunReport run) => run.State.Completion is { ParametersSha256: { Length: > 0 } sha }
        ? $"<code title=\"{Escape(sha)}\">{Escape(sha[..Math.Min(12, sha.Length)])}</code>"
        : "–";

    private static string PlanWords(TrainingPlan plan) =>
        $"η {NumberText.Short(plan.PeakLearningRate)}, "
        + WarmupWords(plan.WarmupSteps) + (plan.WarmupSteps > 0 && plan.WarmupFrom > 0 ? $" from step {plan.WarmupFrom}" : "")
        + (plan.ClipNorm is { } clip ? $", gradient clipped at {NumberText.Short(clip)}" : "");

    private static string WarmupWords(int steps) => steps == 0 ? "no warmup" : $"{NumberText.Count(steps, "step")} of warmup";

    private static string Configuration(ReportData data)
    {
        // Only what all runs share can be said once.
        string[] facts =
        [
            .. data.Runs
                .Select(run => $"{run.Specification.Model.Kind} on {run.Specification.Data.Name}, {run.Specification.Optimizer.Kind}, "
                    + $"batches of {run.Specification.Training.BatchSize}, {run.Specification.Training.Steps} steps")
                .Distinct(),
        ];
        return facts is [var fact] ? "; " + Escape(fact) : "";
    }

    private static string Anchor(RunReport run) => "run-" + Figures.RunFigures.FileName(run);

    private static string Time(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC";
}
