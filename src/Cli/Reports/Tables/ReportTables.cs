using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Telemetry;

namespace CurvatureActors.Cli.Reports.Tables;

/// <summary>
/// The numbers behind the page. Each series keeps every attempt; the column <c>effective</c> says whether the row
/// belongs to the history that counts.
/// </summary>
internal static class ReportTables
{
    /// <summary>The columns of each file with their meaning; the page prints them.</summary>
    public static IReadOnlyList<(string File, string Columns)> Documentation { get; } =
    [
        ("runs.csv", "One row a run: run (identity), name, state, restarts, restart_budget, steps (asked for), step (reached), "
            + "learning_rate_asked, warmup_steps_asked, learning_rate (of the last step), loss (last batch), test_loss, "
            + "test_accuracy (0 to 1), lambda1, lambda1_residual, lambda1_converged, lambda1_step, stability_ratio, "
            + "remedy_used_curvature, parameters_sha256, reason."),
        ("steps.csv", "One row a step of an attempt: run, attempt, step (updates made before), effective, loss, accuracy "
            + "(of the batch, 0 to 1), gradient_norm (before clipping), learning_rate, clipped."),
        ("evaluations.csv", "One row an evaluation on the test set: run, attempt, step, effective, loss, accuracy (0 to 1)."),
        ("measurements.csv", "One row a measurement of lambda1: run, attempt, step, effective, lambda1, residual, converged, "
            + "products (Hessian-vector), preconditioned_lambda1, examples, learning_rate, threshold (the optimizer's own), "
            + "stability_ratio, seconds, lag (steps that training had gone on when the value came)."),
        ("curvature-values.csv", "One row a number of a kind of measurement beside lambda1: run, attempt, step, effective, kind, name, "
            + "value, error (residual of an eigenvalue, standard error of a mean, half the bracket of the critical sharpness)."),
        ("densities.csv", "One row a point of a density of eigenvalues: run, attempt, step, effective, eigenvalue, density, standard_error."),
    ];

    /// <summary>runs.csv.</summary>
    public static string Runs(ReportData data)
    {
        var csv = new Csv(
            "run", "name", "state", "restarts", "restart_budget", "steps", "step", "learning_rate_asked", "warmup_steps_asked",
            "learning_rate", "loss", "test_loss", "test_accuracy", "lambda1", "lambda1_residual", "lambda1_converged",
            "lambda1_step", "stability_ratio", "remedy_used_curvature", "parameters_sha256", "reason");
        foreach (RunReport run in data.Runs)
        {
            var measured = run.LastMeasurement?.Measurement;
            csv.Row(
                run.Run, run.Name, run.View.Status.Word(), run.State.Restarts, run.Specification.Recovery.Budget,
                run.Specification.Training.Steps, run.View.Step, run.AskedLearningRate, run.Specification.Schedule.WarmupSteps,
                run.LastLearningRate, run.LastLoss, run.Evaluation?.Loss, run.Evaluation?.Accuracy, measured?.Lambda1,
                measured?.Residual, measured?.Converged, measured?.Step, measured?.StabilityRatio,
                run.View.RemedyUsedCurvature,
                run.State.Completion?.ParametersSha256, run.State.Reason);
        }

        return csv.ToString();
    }

    /// <summary>steps.csv.</summary>
    public static string Steps(ReportData data)
    {
        var csv = new Csv(
            "run", "attempt", "step", "effective", "loss", "accuracy", "gradient_norm", "learning_rate", "clipped");
        foreach ((StepRow row, bool effective) in data.Runs.SelectMany(run => All(run.Steps)))
        {
            csv.Row(
                row.Run, row.Attempt, row.Step, effective, row.Metrics.Loss, row.Metrics.Accuracy, row.Metrics.GradientNorm,
                row.Metrics.LearningRate, row.Metrics.Clipped);
        }

        return csv.ToString();
    }

    /// <summary>evaluations.csv.</summary>
    public static string Evaluations(ReportData data)
    {
        var csv = new Csv("run", "attempt", "step", "effective", "loss", "accuracy");
        foreach ((EvaluationRow row, bool effective) in data.Runs.SelectMany(run => All(run.Evaluations)))
        {
            csv.Row(row.Run, row.Attempt, row.Step, effective, row.Evaluation.Loss, row.Evaluation.Accuracy);
        }

        return csv.ToString();
    }

    /// <summary>measurements.csv.</summary>
    public static string Measurements(ReportData data)
    {
        var csv = new Csv(
            "run", "attempt", "step", "effective", "lambda1", "residual", "converged", "products", "preconditioned_lambda1",
            "examples", "learning_rate", "threshold", "stability_ratio", "seconds", "lag");
        foreach ((MeasurementRow row, bool effective) in data.Runs.SelectMany(run => All(run.Measurements)))
        {
            var m = row.Measurement;
            csv.Row(
                row.Run, row.Attempt, row.Step, effective, m.Lambda1, m.Residual, m.Converged, m.Products,
                m.PreconditionedLambda1, m.Examples, m.LearningRate, m.Threshold, m.StabilityRatio, m.Seconds, row.Lag);
        }

        return csv.ToString();
    }

    /// <summary>curvature-values.csv.</summary>
    public static string CurvatureValues(ReportData data)
    {
        var csv = new Csv("run", "attempt", "step", "effective", "kind", "name", "value", "error");
        foreach ((CurvatureValueRow row, bool effective) in data.Runs.SelectMany(run => All(run.Values)))
        {
            csv.Row(row.Run, row.Attempt, row.Step, effective, row.Kind, row.Name, row.Value, row.Error);
        }

        return csv.ToString();
    }

    /// <summary>densities.csv.</summary>
    public static string Densities(ReportData data)
    {
        var csv = new Csv("run", "attempt", "step", "effective", "eigenvalue", "density", "standard_error");
        foreach ((DensityRow row, bool effective) in data.Runs.SelectMany(run => All(run.Densities)))
        {
            for (int i = 0; i < row.Grid.Count; i++)
            {
                csv.Row(row.Run, row.Attempt, row.Step, effective, row.Grid[i], row.Density[i], row.StandardError[i]);
            }
        }

        return csv.ToString();
    }

    private static IEnumerable<(T Row, bool Effective)> All<T>(EffectiveCurve<T> curve)
        where T : ITelemetryRow =>
        curve.Rows.Select(row => (row, true))
            .Concat(curve.Abandoned.SelectMany(tail => tail.Rows).Select(row => (row, false)))
            .OrderBy(entry => entry.row.Attempt).ThenBy(entry => entry.row.Step);
}
