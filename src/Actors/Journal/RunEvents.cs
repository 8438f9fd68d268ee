using System.Text.Json.Serialization;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Recovery;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Journal;

/// <summary>The run got a device. Everything that a trainer sends carries the epoch; older ones are refused.</summary>
/// <param name="Epoch">Grows with every claim, from 1.</param>
/// <param name="Node">Node that the device belongs to.</param>
/// <param name="Device">The device.</param>
/// <param name="At">When, UTC.</param>
public sealed record RunClaimed(long Epoch, string Node, string Device, DateTimeOffset At) : IRunEvent
{
    /// <summary>
    /// The kind of processor that it is trained on from here, in words: the same bits are promised on the same kind only.
    /// Null in journals of versions that did not write it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Processor { get; init; }
}

/// <summary>An attempt begins. Attempts before it count only up to <paramref name="FromStep"/>.</summary>
/// <param name="Attempt">Grows with every restart after divergence, from 1.</param>
/// <param name="FromStep">Step it starts from: 0, or that of the snapshot rolled back to.</param>
/// <param name="Plan">What it trains with.</param>
/// <param name="At">When, UTC.</param>
public sealed record AttemptStarted(int Attempt, int FromStep, TrainingPlan Plan, DateTimeOffset At) : IRunEvent;

/// <summary>A snapshot is safely on disk, and the metrics up to it are stored.</summary>
/// <param name="Attempt">Attempt that made it.</param>
/// <param name="Step">Its step.</param>
/// <param name="Anchor">
/// Whether a rollback may land here. Snapshots made because the run was paused are no anchors: where a rollback
/// lands must not depend on when somebody pressed Ctrl-C.
/// </param>
/// <param name="File">Where it lies, relative to the folder of snapshots.</param>
/// <param name="Sha256">Of the file.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="At">When, UTC.</param>
public sealed record SnapshotCommitted(
    int Attempt, int Step, bool Anchor, string File, string Sha256, long Bytes, DateTimeOffset At) : IRunEvent
{
    /// <summary>Accuracy on the test set at its step, where it was evaluated there: the best one is kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Accuracy { get; init; }
}

/// <summary>A committed snapshot turned out missing or damaged; the run goes on from the one before it.</summary>
/// <param name="Step">Its step.</param>
/// <param name="File">Where it lies, relative to the folder of snapshots.</param>
/// <param name="Reason">What is wrong with it.</param>
/// <param name="At">When, UTC.</param>
public sealed record SnapshotRejected(int Step, string File, string Reason, DateTimeOffset At) : IRunEvent;

/// <summary>A milestone of the curvature: at initialisation, at the end, or for a remedy. The whole series is telemetry.</summary>
/// <param name="Attempt">Attempt whose snapshot was measured.</param>
/// <param name="Reason">Why it was measured.</param>
/// <param name="Measurement">The numbers.</param>
/// <param name="At">When, UTC.</param>
public sealed record CurvatureMeasured(
    int Attempt, string Reason, CurvatureMeasurement Measurement, DateTimeOffset At) : IRunEvent;

/// <summary>What forward passes say of the snapshot that a remedy goes back to; only where curvature is off.</summary>
/// <param name="Restart">Number of the restart it was for.</param>
/// <param name="Measurement">The numbers.</param>
/// <param name="At">When, UTC.</param>
public sealed record CriticalRateMeasured(int Restart, CriticalRateMeasurement Measurement, DateTimeOffset At) : IRunEvent;

/// <summary>A rule found the run diverging.</summary>
/// <param name="Attempt">The attempt that ends with it.</param>
/// <param name="Verdict">Rule, step and evidence.</param>
/// <param name="At">When, UTC.</param>
public sealed record DivergenceDetected(int Attempt, DivergenceVerdict Verdict, DateTimeOffset At) : IRunEvent;

/// <summary>What the next attempt starts with. Each one uses up one restart of the budget.</summary>
/// <param name="Restart">Number of this restart, from 1.</param>
/// <param name="FromStep">Step of the snapshot rolled back to.</param>
/// <param name="Decision">Remedy, plan and reason.</param>
/// <param name="At">When, UTC.</param>
public sealed record RemedyChosen(int Restart, int FromStep, RemedyDecision Decision, DateTimeOffset At) : IRunEvent;

/// <summary>A trainer ended without a word: crashed, or its device was lost. The run goes on from its last snapshot.</summary>
/// <param name="Epoch">The claim that was lost.</param>
/// <param name="Reason">What is known.</param>
/// <param name="UserCode">Whether the model, data or loss threw, in contrast to the machine.</param>
/// <param name="At">When, UTC.</param>
public sealed record TrainerLost(long Epoch, string Reason, bool UserCode, DateTimeOffset At) : IRunEvent;

/// <summary>Interrupted on request.</summary>
/// <param name="Step">Step of the snapshot it will go on from.</param>
/// <param name="At">When, UTC.</param>
public sealed record RunPaused(int Step, DateTimeOffset At) : IRunEvent
{
    /// <summary>Who asked for it, as he said of himself; null for a signal, and where it is not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? By { get; init; }
}

/// <summary>Trained to the last step.</summary>
/// <param name="Steps">Number of steps.</param>
/// <param name="Evaluation">Over the test set.</param>
/// <param name="ParametersSha256">Of the final parameters.</param>
/// <param name="At">When, UTC.</param>
public sealed record RunCompleted(int Steps, Evaluation Evaluation, string ParametersSha256, DateTimeOffset At) : IRunEvent;

/// <summary>Diverged with no restart left.</summary>
/// <param name="Step">Step of the last verdict.</param>
/// <param name="Reason">In words.</param>
/// <param name="At">When, UTC.</param>
public sealed record RunDiverged(int Step, string Reason, DateTimeOffset At) : IRunEvent;

/// <summary>Ended by an error.</summary>
/// <param name="Reason">In words.</param>
/// <param name="At">When, UTC.</param>
public sealed record RunFailed(string Reason, DateTimeOffset At) : IRunEvent;

/// <summary>Ended on request.</summary>
/// <param name="Step">Step of its last snapshot.</param>
/// <param name="At">When, UTC.</param>
public sealed record RunStopped(int Step, DateTimeOffset At) : IRunEvent
{
    /// <summary>Who asked for it, as he said of himself; null where it is not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? By { get; init; }
}
