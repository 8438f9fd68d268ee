using System.CommandLine;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Cli.Display;

namespace CurvatureActors.Cli.Commands;

/// <summary><c>show RUN</c>: one run with its attempts, remedies, measurements and snapshots.</summary>
internal static class ShowCommand
{
    public static Command Create()
    {
        Argument<string> run = CommonOptions.Run();
        Option<string?> state = CommonOptions.State();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("show", "Show one run with its attempts, measurements and remedies.") { run, state, json };
        command.SetAction(parsed =>
        {
            using var reader = new StateReader(CommonOptions.Directory(parsed.GetValue(state)));
            RunView view = Find(reader, parsed.GetRequiredValue(run), CommonOptions.Directory(parsed.GetValue(state)));
            IReadOnlyList<MeasurementRow> measurements = reader.Measurements(view.Run);
            IReadOnlyDictionary<string, KindRow> kinds = KindRow.Newest(reader.CurvatureValues(view.Run), reader.Densities(view.Run));
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(new
                {
                    Summary = RunRow.Of(view),
                    view.State.Processors,
                    view.State.Attempts,
                    Measurements = measurements.Select(row => new { row.Attempt, row.Lag, row.Measurement }),
                    Kinds = kinds,
                    Evaluations = reader.Evaluations(view.Run).Select(row => new { row.Attempt, row.Evaluation }),
                    view.State.Snapshots,
                    view.Specification,
                });
                return StateFaults.Tell(reader);
            }

            Write(view, measurements);
            Write(kinds);
            return StateFaults.Tell(reader);
        });
        return command;
    }

    /// <summary>The run, or a sentence that lists what there is.</summary>
    /// <exception cref="UsageException">No run, or more than one, goes by that name.</exception>
    /// <exception cref="StateDirectoryException">The same, in a directory not all of which can be read.</exception>
    public static RunView Find(StateReader reader, string text, StateDirectory directory) =>
        reader.Find(text) ?? throw StateFaults.Instead(reader, new UsageException(
            $"{directory.Path} holds no single run \"{text}\"; `curvature list` names them all."));

    /// <summary>The newest of each kind of measurement beside lambda1.</summary>
    private static void Write(IReadOnlyDictionary<string, KindRow> kinds)
    {
        if (kinds.Count > 0)
        {
            Console.WriteLine();
            Tables.Write(
                ["kind", "attempt", "step", "what", "value"],
                kinds.SelectMany(kind => kind.Value.Values.Select(value => (string[])
                [
                    kind.Key,
                    $"{kind.Value.Attempt}",
                    $"{kind.Value.Step}",
                    value.Name,
                    value.Error is null ? Numbers.Short(value.Value) : Numbers.WithError(value.Value, value.Error),
                ])));
        }
    }

    private static void Write(RunView view, IReadOnlyList<MeasurementRow> measurements)
    {
        RunRow row = RunRow.Of(view);
        Console.WriteLine($"{row.Run}  {row.Name}  ({row.Experiment})");
        Console.WriteLine($"{row.State}, step {row.Step} of {row.Steps}, {row.Restarts} of {row.RestartBudget} restarts used"
            + (row.Reason is null ? "" : $": {row.Reason}"));
        Console.WriteLine($"loss {Numbers.Short(row.Loss)}, test accuracy {Numbers.Percent(row.Accuracy)}, "
            + $"lambda1 {Numbers.WithError(row.Lambda1, row.Lambda1Residual)} at step {row.Lambda1Step?.ToString() ?? Numbers.Missing}, "
            + $"stability ratio {Numbers.Short(row.StabilityRatio)}");
        Console.WriteLine($"parameters SHA-256 {row.ParametersSha256 ?? Numbers.Missing}");
        if (view.State.Processors is { Count: > 0 } kinds)
        {
            Console.WriteLine($"trained on {string.Join(", then on ", kinds)}"
                + (kinds.Count > 1 ? ": the same bits as on one kind of processor are not promised" : ""));
        }

        Console.WriteLine();
        foreach (AttemptState attempt in view.State.Attempts)
        {
            Console.WriteLine($"attempt {attempt.Attempt} from step {attempt.FromStep}: peak rate {Numbers.Short(attempt.Plan.PeakLearningRate)}, "
                + (attempt.Plan.WarmupSteps > 0 ? $"{attempt.Plan.WarmupSteps} warmup steps from step {attempt.Plan.WarmupFrom}, " : "no warmup, ")
                + (attempt.Plan.ClipNorm is { } clip ? $"clipped at {Numbers.Short(clip)}" : "no clipping"));
            if (attempt.Verdict is { } verdict)
            {
                Console.WriteLine($"  diverged at step {verdict.Step} ({verdict.Rule}): {verdict.Evidence}");
            }

            if (attempt.Remedy is { } remedy)
            {
                Console.WriteLine($"  back to step {attempt.RolledBackTo}, remedy {remedy.Remedy}: {remedy.Reason}");
            }
        }

        if (measurements.Count > 0)
        {
            Console.WriteLine();
            Tables.Write(
                ["attempt", "step", "lambda1", "converged", "products", "rate", "threshold", "stability", "lag", "seconds"],
                measurements.Select(measured => (string[])
                [
                    $"{measured.Attempt}",
                    $"{measured.Step}",
                    Numbers.WithError(measured.Measurement.Lambda1, measured.Measurement.Residual),
                    measured.Measurement.Converged ? "yes" : "no",
                    $"{measured.Measurement.Products}",
                    Numbers.Short(measured.Measurement.LearningRate),
                    Numbers.Short(measured.Measurement.Threshold),
                    Numbers.Short(measured.Measurement.StabilityRatio),
                    $"{measured.Lag}",
                    Numbers.Short(measured.Measurement.Seconds),
                ]));
        }
    }
}
