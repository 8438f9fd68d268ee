using CurvatureActors.Actors.Configuration;

namespace CurvatureActors.Actors.Runs;

/// <summary>How a run is watched and kept. None of it changes the run.</summary>
/// <param name="Probe">When curvature is measured.</param>
/// <param name="EvaluateEvery">Steps between evaluations on the test set.</param>
/// <param name="SnapshotKeep">Newest snapshots kept, beside those that a rollback may still need.</param>
/// <param name="Slice">How long a trainer works before it looks at its mailbox.</param>
internal sealed record ObservationOptions(ProbeOptions Probe, int EvaluateEvery, int SnapshotKeep, TimeSpan Slice)
{
    /// <summary>What a trainer does when its snapshot cannot be written.</summary>
    public WhenUnwritable WhenUnwritable { get; init; }

    /// <summary>Where the trainer's doings are noted down; null for nowhere.</summary>
    public string? Audit { get; init; }
}
