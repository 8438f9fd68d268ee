using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Actors.Runs;

namespace CurvatureActors.Cli;

/// <summary>An object of <c>list --json</c>; its fields are part of the outward contract.</summary>
internal sealed record RunRow
{
    public required string Run { get; init; }

    public required string Experiment { get; init; }

    public required string Name { get; init; }

    public required string State { get; init; }

    public required int Attempt { get; init; }

    public required int Step { get; init; }

    public required int Steps { get; init; }

    /// <summary>Training loss of the newest step.</summary>
    public required double? Loss { get; init; }

    /// <summary>On the test set, newest evaluation, in [0, 1].</summary>
    public required double? Accuracy { get; init; }

    public required double? Lambda1 { get; init; }

    public required double? Lambda1Residual { get; init; }

    public required bool? Lambda1Converged { get; init; }

    public required int? Lambda1Step { get; init; }

    public required double? StabilityRatio { get; init; }

    public required double? LearningRate { get; init; }

    public required int Restarts { get; init; }

    public required int RestartBudget { get; init; }

    /// <summary>Whether a remedy wanted lambda1: only then can switching probes off have changed the trajectory.</summary>
    public required bool RemedyWantedCurvature { get; init; }

    public required string? Node { get; init; }

    public required string? Device { get; init; }

    public required string? ParametersSha256 { get; init; }

    /// <summary>Why it diverged, failed or was lost; or what of its journal cannot be read.</summary>
    public required string? Reason { get; init; }

    /// <summary>What the sweep varied.</summary>
    public required IReadOnlyDictionary<string, string> Parameters { get; init; }

    /// <summary>The rows of all runs.</summary>
    public static IReadOnlyList<RunRow> All(StateReader reader) =>
        [.. reader.Experiments().SelectMany(experiment => experiment.Runs).Select(Of)];

    /// <summary>The row of a run.</summary>
    public static RunRow Of(RunView run) => new()
    {
        Run = run.Run,
        Experiment = run.Experiment,
        Name = run.Name,
        State = run.Status.Word(),
        Attempt = run.State.Attempt?.Attempt ?? 0,
        Step = run.Step,
        Steps = run.Specification.Training.Steps,
        Loss = run.LastStep?.Metrics.Loss,
        Accuracy = run.State.Completion?.Evaluation.Accuracy ?? run.LastEvaluation?.Evaluation.Accuracy,
        Lambda1 = run.LastMeasurement?.Measurement.Lambda1,
        Lambda1Residual = run.LastMeasurement?.Measurement.Residual,
        Lambda1Converged = run.LastMeasurement?.Measurement.Converged,
        Lambda1Step = run.LastMeasurement?.Step,
        StabilityRatio = run.LastMeasurement?.Measurement.StabilityRatio,
        LearningRate = run.LastStep?.Metrics.LearningRate,
        Restarts = run.State.Restarts,
        RestartBudget = run.Specification.Recovery.Budget,
        RemedyWantedCurvature = run.RemedyWantedCurvature,
        Node = run.State.Node,
        Device = run.State.Device,
        ParametersSha256 = run.State.Completion?.ParametersSha256,
        Reason = run.Fault ?? run.State.Reason,
        Parameters = run.Accepted.Parameters,
    };
}
