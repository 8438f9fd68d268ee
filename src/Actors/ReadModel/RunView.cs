using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Training.Recovery;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.ReadModel;

/// <summary>A run as a reader of the state directory sees it: its journal, and the newest of its telemetry.</summary>
public sealed record RunView
{
    /// <summary>The experiment's name.</summary>
    public required string Experiment { get; init; }

    /// <summary>Identity, name, what the sweep varied, and the whole specification.</summary>
    public required PlannedRun Accepted { get; init; }

    /// <summary>The fold of its journal.</summary>
    public required RunState State { get; init; }

    /// <summary>
    /// As <see cref="State"/> says, except that a run nobody is working on is pending, not running: a killed
    /// program leaves no zombies.
    /// </summary>
    public required RunStatus Status { get; init; }

    /// <summary>What is wrong with its rows in the journal, so that <see cref="State"/> ends before it; null when nothing is.</summary>
    public string? Fault { get; init; }

    /// <summary>Whether the experiment's journal tells its end too, so that nothing of it is left to do.</summary>
    public required bool Concluded { get; init; }

    /// <summary>Newest step of the present history; null before the first.</summary>
    public StepRow? LastStep { get; init; }

    /// <summary>Newest evaluation of the present history; null before the first.</summary>
    public EvaluationRow? LastEvaluation { get; init; }

    /// <summary>Newest measurement of the present history; null before the first.</summary>
    public MeasurementRow? LastMeasurement { get; init; }

    /// <summary>Whether a remedy of this run wanted lambda1; only then can probes have changed its trajectory.</summary>
    public bool RemedyWantedCurvature => State.Attempts.Any(attempt =>
        attempt.Remedy is { } decision && Remedies.All[decision.Remedy].WantsCurvature);

    /// <summary>
    /// Whether a remedy's rate was chosen by a measured lambda1. In what older versions wrote: whether one was looked at.
    /// </summary>
    public bool RemedyUsedCurvature => State.Attempts.Any(attempt => attempt.Remedy is { } remedy
        && (remedy.RateBy is { } by ? by == RateBasis.Lambda1 : remedy.Lambda1 is not null));

    /// <summary>Identity.</summary>
    public string Run => Accepted.Run;

    /// <summary>Readable name.</summary>
    public string Name => Accepted.Name;

    /// <summary>The whole specification.</summary>
    public RunSpecification Specification => Accepted.Specification;

    /// <summary>Updates made in the present history.</summary>
    public int Step => State.Completion?.Steps
        ?? Math.Max(State.NewestSnapshot?.Step ?? 0, LastStep is { } step ? step.Step + 1 : 0);
}
