using System.Collections.Immutable;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Recovery;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Runs;

/// <summary>
/// A run as its journal tells it: a pure fold over its events. The supervisor decides by it, and list, show and
/// report read it, so there is one account of what happened.
/// </summary>
public sealed record RunState
{
    /// <summary>A run of which nothing is recorded.</summary>
    public static RunState New { get; } = new();

    /// <summary>Where it stands.</summary>
    public RunStatus Status { get; init; } = RunStatus.Pending;

    /// <summary>Number of the newest claim; 0 before the first.</summary>
    public long Epoch { get; init; }

    /// <summary>Node of the newest claim.</summary>
    public string? Node { get; init; }

    /// <summary>Device of the newest claim.</summary>
    public string? Device { get; init; }

    /// <summary>Kinds of processor that it was trained on, one after the other; empty where nobody wrote it down.</summary>
    public ImmutableList<string> Processors { get; init; } = [];

    /// <summary>Restarts after divergence so far: what the budget is about and where on the ladder the run stands.</summary>
    public int Restarts { get; init; }

    /// <summary>Trainers lost through a crash or a hang since the last new snapshot.</summary>
    public int CrashesInARow { get; init; }

    /// <summary>Errors thrown by model, data or loss.</summary>
    public int UserErrors { get; init; }

    /// <summary>Attempts in order; the last is the present one.</summary>
    public ImmutableList<AttemptState> Attempts { get; init; } = [];

    /// <summary>
    /// Snapshots of the present history in order of step: those of earlier attempts only up to where they were left. One
    /// of step 0 that is no anchor is from the middle of the initialisation; the run can go on from it, nothing else.
    /// </summary>
    public ImmutableList<SnapshotCommitted> Snapshots { get; init; } = [];

    /// <summary>Milestones of the curvature.</summary>
    public ImmutableList<CurvatureMeasured> Measurements { get; init; } = [];

    /// <summary>What forward passes said before remedies.</summary>
    public ImmutableList<CriticalRateMeasured> SearchedRates { get; init; } = [];

    /// <summary>How it ended, once completed.</summary>
    public RunCompleted? Completion { get; init; }

    /// <summary>Why it diverged, failed or was lost, in words.</summary>
    public string? Reason { get; init; }

    /// <summary>Time of the first event.</summary>
    public DateTimeOffset? FirstAt { get; init; }

    /// <summary>Time of the newest event.</summary>
    public DateTimeOffset? LastAt { get; init; }

    /// <summary>The present attempt; null before the first.</summary>
    public AttemptState? Attempt => Attempts.Count == 0 ? null : Attempts[^1];

    /// <summary>
    /// What the history before the present attempt was trained with, in order: needed where a damaged snapshot makes
    /// the run go back to before its attempt began.
    /// </summary>
    public IReadOnlyList<PlanSegment> EarlierPlans
    {
        get
        {
            List<PlanSegment> history = [];
            foreach (AttemptState attempt in Attempts)
            {
                history.RemoveAll(segment => segment.FromStep >= attempt.FromStep);
                history.Add(new PlanSegment(attempt.FromStep, attempt.Plan));
            }

            return [.. history.SkipLast(1)];
        }
    }

    /// <summary>A verdict that no remedy has answered yet; null when the run is well.</summary>
    public DivergenceVerdict? OpenVerdict => Attempt is { Remedy: null } attempt ? attempt.Verdict : null;

    /// <summary>The snapshot to go on from; null before the first.</summary>
    public SnapshotCommitted? NewestSnapshot => Snapshots.Count == 0 ? null : Snapshots[^1];

    /// <summary>The state after an event. Nothing comes after a terminal state.</summary>
    public RunState Apply(IRunEvent e)
    {
        ArgumentNullException.ThrowIfNull(e);
        if (Status.IsTerminal())
        {
            return this;
        }

        RunState next = e switch
        {
            RunClaimed claimed => this with
            {
                Status = OpenVerdict is null ? RunStatus.Running : RunStatus.Recovering,
                Epoch = claimed.Epoch,
                Node = claimed.Node,
                Device = claimed.Device,
                Processors = claimed.Processor is { } kind && kind != Processors.LastOrDefault() ? Processors.Add(kind) : Processors,
            },
            AttemptStarted started => this with
            {
                Status = RunStatus.Running,
                Attempts = Attempts.Add(new AttemptState(started.Attempt, started.FromStep, started.Plan)),
                Snapshots = Snapshots.RemoveAll(snapshot => snapshot.Step > started.FromStep),
            },
            SnapshotCommitted committed => this with
            {
                Snapshots = Add(committed),
                CrashesInARow = 0,
                Attempts = Stored(committed.Attempt, committed.Step),
            },
            SnapshotRejected rejected when OpenVerdict is not null => BeforeVerdict(rejected),
            SnapshotRejected rejected => this with
            {
                Snapshots = Snapshots.RemoveAll(snapshot => snapshot.File == rejected.File),
            },
            CurvatureMeasured measured => this with { Measurements = Measurements.Add(measured) },
            CriticalRateMeasured searched => this with { SearchedRates = SearchedRates.Add(searched) },
            DivergenceDetected detected => this with
            {
                Status = RunStatus.Recovering,
                Attempts = Attempts.SetItem(Attempts.Count - 1, Attempts[^1] with
                {
                    Verdict = detected.Verdict,
                    StoredTo = Math.Max(Attempts[^1].StoredTo, detected.Verdict.Step),
                }),
            },
            RemedyChosen chosen => this with
            {
                Restarts = chosen.Restart,
                Attempts = Attempts.SetItem(
                    Attempts.Count - 1, Attempts[^1] with { Remedy = chosen.Decision, RolledBackTo = chosen.FromStep }),
            },
            TrainerLost { UserCode: true } lost => this with
            {
                Status = RunStatus.Pending,
                UserErrors = UserErrors + 1,
                Reason = lost.Reason,
            },
            TrainerLost lost => this with
            {
                Status = RunStatus.Pending,
                CrashesInARow = CrashesInARow + 1,
                Reason = lost.Reason,
            },
            RunPaused => this with { Status = RunStatus.Paused },
            RunCompleted completed => this with
            {
                Status = RunStatus.Completed,
                Completion = completed,
                Reason = null,
                Attempts = Stored(Attempt?.Attempt ?? 0, completed.Steps),
            },
            RunDiverged diverged => this with { Status = RunStatus.Diverged, Reason = diverged.Reason },
            RunFailed failed => this with { Status = RunStatus.Failed, Reason = failed.Reason },
            RunStopped stopped => this with
            {
                Status = RunStatus.Stopped,
                Reason = stopped.By is null ? null : $"asked for by {stopped.By}",
            },
            _ => this,
        };
        return next with { FirstAt = FirstAt ?? e.At, LastAt = e.At };
    }

    /// <summary>Names of the remedies so far, in order.</summary>
    public IReadOnlyList<string> Remedies => [.. Attempts.Where(attempt => attempt.Remedy is not null).Select(attempt => attempt.Remedy!.Remedy)];

    /// <summary>Restarts that lowered the peak rate by a factor, without a measured curvature to go by.</summary>
    public int BlindLowerings => Attempts.Count(attempt =>
        attempt.Remedy is { Lambda1: null, RateBy: not RateBasis.ForwardPasses } remedy && remedy.Plan.PeakLearningRate < attempt.Plan.PeakLearningRate);

    /// <summary>Where a rollback lands, see <see cref="RollbackPoint"/>; null without a snapshot there.</summary>
    /// <remarks>Only looks at what <see cref="Retained"/> keeps, whenever the verdict comes.</remarks>
    public SnapshotCommitted? RollbackTarget(DivergenceVerdict verdict, RunSpecification specification)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        ArgumentNullException.ThrowIfNull(specification);
        AttemptSpan[] attempts = Spans();
        int[] anchors = [.. Anchors(attempts, verdict.Step, specification).Select(snapshot => snapshot.Step)];
        int step = RollbackPoint.Choose(anchors, verdict, attempts, specification);
        return Snapshots.Find(snapshot => snapshot.Anchor && snapshot.Step == step);
    }

    /// <summary>
    /// The snapshots worth their space: the <paramref name="keep"/> newest, the one with the best accuracy on the test
    /// set, and every one that a rollback may still land on, whatever step the next verdict falls on.
    /// </summary>
    public ImmutableList<SnapshotCommitted> Retained(int keep, RunSpecification specification)
    {
        HashSet<SnapshotCommitted> retained = [.. Needed(specification), .. Snapshots.TakeLast(keep)];
        if (Snapshots.Where(snapshot => snapshot.Accuracy is not null).MaxBy(snapshot => snapshot.Accuracy) is { } best)
        {
            retained.Add(best);
        }

        return [.. Snapshots.Where(retained.Contains)];
    }

    /// <summary>The newest snapshot and every one that a rollback may still land on: what no want of space may take.</summary>
    public ImmutableList<SnapshotCommitted> Needed(RunSpecification specification)
    {
        ArgumentNullException.ThrowIfNull(specification);
        HashSet<SnapshotCommitted> needed = Status.IsTerminal() ? [] : [.. Anchors(Spans(), NewestSnapshot?.Step ?? 0, specification)];
        return [.. Snapshots.Where(snapshot => snapshot == NewestSnapshot || needed.Contains(snapshot))];
    }

    /// <summary>The anchors that a rollback may land on once the present attempt has come to a step.</summary>
    private IEnumerable<SnapshotCommitted> Anchors(AttemptSpan[] attempts, int step, RunSpecification specification)
    {
        int from = Attempt?.FromStep ?? 0;
        int newest = Snapshots.FindLast(snapshot => snapshot.Anchor && snapshot.Step <= step)?.Step ?? 0;
        return Snapshots.Where(snapshot => snapshot.Anchor
            && (snapshot.Step == from || AnchorLadder.Has(snapshot.Step, newest, attempts, specification)));
    }

    /// <summary>The attempts, after it became known that one has its rows up to a step.</summary>
    private ImmutableList<AttemptState> Stored(int attempt, int step) =>
        Attempts.FindLastIndex(state => state.Attempt == attempt) is var index and >= 0 && Attempts[index].StoredTo < step
            ? Attempts.SetItem(index, Attempts[index] with { StoredTo = step })
            : Attempts;

    private AttemptSpan[] Spans() => [.. Attempts.Select(attempt => new AttemptSpan(attempt.FromStep, attempt.Verdict?.Step))];

    /// <summary>
    /// A rollback wanted a snapshot that is damaged. Its attempt is trained again from before it, to the same snapshot
    /// and the same verdict: so the answer to it stays what it would have been.
    /// </summary>
    private RunState BeforeVerdict(SnapshotRejected rejected) => this with
    {
        Status = RunStatus.Running,
        Attempts = Attempts.SetItem(Attempts.Count - 1, Attempts[^1] with { Verdict = null }),
        Snapshots = Snapshots.RemoveAll(snapshot => snapshot.Step >= rejected.Step),
    };

    /// <summary>
    /// Keeps the order of steps; the same step trained again after a crash replaces what was there, and step 0 what came
    /// before it in the initialisation, but never the other way round: a write that is tried again may come late.
    /// </summary>
    private ImmutableList<SnapshotCommitted> Add(SnapshotCommitted committed)
    {
        if (committed is { Step: 0, Anchor: false } && Snapshots.Exists(snapshot => snapshot is { Step: 0, Anchor: true }))
        {
            return Snapshots;
        }

        ImmutableList<SnapshotCommitted> others = Snapshots.RemoveAll(snapshot => snapshot.Step == committed.Step);
        int index = others.FindIndex(snapshot => snapshot.Step > committed.Step);
        return index < 0 ? others.Add(committed) : others.Insert(index, committed);
    }
}
