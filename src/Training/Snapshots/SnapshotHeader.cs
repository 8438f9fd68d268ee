using CurvatureActors.Training.Schedules;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Snapshots;

/// <summary>All of a snapshot that is not a tensor.</summary>
public sealed record SnapshotHeader
{
    /// <summary>Whose snapshot it is.</summary>
    public required SnapshotOrigin Origin { get; init; }

    /// <summary>Updates the session had made.</summary>
    public required int Step { get; init; }

    /// <summary>Updates the optimizer's state has seen.</summary>
    public required long Updates { get; init; }

    /// <summary>Position of the data order.</summary>
    public required long SamplerPosition { get; init; }

    /// <summary>State of the divergence detector, in its own form.</summary>
    public required string DetectorState { get; init; }

    /// <summary>The run.</summary>
    public required RunSpecification Specification { get; init; }

    /// <summary>What the attempt trains with.</summary>
    public required TrainingPlan Plan { get; init; }

    /// <summary>The rate that the warmup starts at, measured at step 0; null for runs that do not need it.</summary>
    public double? CriticalRate { get; init; }

    /// <summary>
    /// What the rates from this step on rest on: every measurement at an earlier step that they can; null for runs
    /// without a <see cref="StabilityCap"/>.
    /// </summary>
    public EquatableList<StabilityLimit>? StabilityLimits { get; init; }

    /// <summary>
    /// Where the initialisation stood when it was not done: the parameters are not yet those of step 0. Null for every
    /// other snapshot.
    /// </summary>
    public SnapshotPhase? Phase { get; init; }

    /// <summary>The tensors in the order in which they lie in the data section, without holes.</summary>
    public required EquatableList<SnapshotTensor> Tensors { get; init; }
}
