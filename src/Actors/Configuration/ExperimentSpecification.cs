using System.Text.Json.Serialization;
using CurvatureActors.Training;

namespace CurvatureActors.Actors.Configuration;

/// <summary>A file's content, checked and expanded.</summary>
public sealed record ExperimentSpecification
{
    /// <summary>The experiment's name: <c>experiment.name</c>, or the file's name without extension.</summary>
    public required string Name { get; init; }

    /// <summary>Study that its report draws and judges; null for none. The reports know which there are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Study { get; init; }

    /// <summary>
    /// Its runs in the order of the sweep, slowest-varying key first. Every identity occurs once: points of the sweep
    /// that say the same collapse into the first of them.
    /// </summary>
    public required IReadOnlyList<PlannedRun> Runs { get; init; }

    /// <summary>Names of devices (<c>cpu</c>, <c>cpu:1</c>, <c>cuda:0</c>); null for <c>auto</c>.</summary>
    public required EquatableList<string>? Devices { get; init; }

    /// <summary>The state directory as written; relative to the working directory.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Native threads per trainer: the same for all runs, since the setting belongs to the process.</summary>
    public required int Threads { get; init; }

    /// <summary>When curvature is measured for the observer.</summary>
    public required ProbeOptions Probe { get; init; }

    /// <summary>Newest snapshots kept of each attempt.</summary>
    public required int SnapshotKeep { get; init; }

    /// <summary>Most bytes that the snapshots of the state directory may take; null for no limit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? SnapshotBudget { get; init; }

    /// <summary>What happens when a snapshot cannot be written.</summary>
    public WhenUnwritable WhenUnwritable { get; init; } = WhenUnwritable.Pause;

    /// <summary>Steps between evaluations on the test images.</summary>
    public required int EvaluateEvery { get; init; }

    /// <summary>Losses of a run's trainer in a row, without a new snapshot between them, that are answered by another start.</summary>
    public int CrashBudget { get; init; } = 3;

    /// <summary>Restarts of a run after an error in the training code itself.</summary>
    public required int ErrorBudget { get; init; }

    /// <summary>How the program runs.</summary>
    public required RuntimeOptions Runtime { get; init; }

    /// <summary>What the file's <c>akka</c> section sets, as HOCON, see <see cref="AkkaSettings"/>; empty for nothing.</summary>
    public required string AkkaOverrides { get; init; }
}
