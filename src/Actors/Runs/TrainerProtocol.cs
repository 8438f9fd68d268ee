using Akka.Actor;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Wire;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Runs;

/// <summary>Supervisor to device: train an attempt.</summary>
/// <param name="Run">Identity of the run.</param>
/// <param name="Epoch">The claim; comes back in every report.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="FromStep">Step that the attempt began at (not necessarily that of <paramref name="StartFrom"/>).</param>
/// <param name="Specification">The run.</param>
/// <param name="Plan">What the attempt trains with.</param>
/// <param name="Observation">How it is observed.</param>
/// <param name="StartFrom">Snapshot to load; null to initialise.</param>
/// <param name="Supervisor">Who gets the reports.</param>
internal sealed record StartTrainer(
    string Run,
    long Epoch,
    int Attempt,
    int FromStep,
    RunSpecification Specification,
    TrainingPlan Plan,
    ObservationOptions Observation,
    SnapshotReference? StartFrom,
    IActorRef Supervisor) : IWireMessage
{
    /// <summary>
    /// What the history before the attempt was trained with. Where <see cref="StartFrom"/> lies before the attempt
    /// began, the steps up to there are trained again as they were, and not reported again.
    /// </summary>
    public IReadOnlyList<PlanSegment> EarlierPlans { get; init; } = [];

    /// <summary>Step of <see cref="StartFrom"/>; 0 without one.</summary>
    public int StartStep { get; init; }

    /// <summary>What the step is trained with.</summary>
    public TrainingPlan PlanAt(int step) =>
        step >= FromStep ? Plan : EarlierPlans.Last(segment => segment.FromStep <= step).Plan;

    /// <summary>Step that the attempt which the step belongs to began at.</summary>
    public int AttemptFromAt(int step) =>
        step >= FromStep ? FromStep : EarlierPlans.Last(segment => segment.FromStep <= step).FromStep;
}

/// <summary>Device to supervisor: this trainer works on it now.</summary>
internal sealed record TrainerStarted(string Run, long Epoch, int Attempt, IActorRef Trainer) : IWireMessage;

/// <summary>Supervisor to trainer: make a snapshot at the next step and stop.</summary>
internal sealed record PauseTrainer : IWireMessage
{
    public static PauseTrainer Instance { get; } = new();
}

/// <summary>Supervisor to trainer: a newer claim has the run; stop.</summary>
internal sealed record TrainerFenced(long CurrentEpoch) : IWireMessage;

/// <summary>Supervisor to trainer: say that you hear this. A trainer hears between two slices of steps.</summary>
internal sealed record AreYouAlive : IWireMessage
{
    public static AreYouAlive Instance { get; } = new();
}

/// <summary>Trainer to supervisor: it hears.</summary>
/// <param name="Epoch">The claim.</param>
/// <param name="SlowestSlice">The longest that it was deaf so far.</param>
internal sealed record TrainerAlive(long Epoch, TimeSpan SlowestSlice) : IWireMessage;

/// <summary>Trainer to supervisor. Reports of an older epoch are refused.</summary>
internal interface ITrainerReport : IWireMessage
{
    string Run { get; }

    long Epoch { get; }
}

/// <summary>How far the initialisation is, before any step of training.</summary>
/// <param name="Run">Identity of the run.</param>
/// <param name="Epoch">The claim.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="Phase"><c>metainit</c> or <c>gradinit</c>.</param>
/// <param name="Step">Steps of the phase made.</param>
/// <param name="Steps">Steps of the phase in all.</param>
internal sealed record InitialisationReported(
    string Run, long Epoch, int Attempt, string Phase, int Step, int Steps) : ITrainerReport;

/// <summary>Steps of one slice, in order, and the evaluation if one fell due.</summary>
internal sealed record StepsTrained(
    string Run, long Epoch, int Attempt, IReadOnlyList<StepMetrics> Metrics, Evaluation? Evaluation) : ITrainerReport;

/// <summary>A snapshot is on disk under its staging name, and the metrics up to its step are stored.</summary>
internal sealed record SnapshotStored(
    string Run, long Epoch, int Attempt, int Step, bool Anchor, string Staged, SnapshotReference Reference) : ITrainerReport;

/// <summary>A snapshot could not be written, and training goes on without it.</summary>
internal sealed record SnapshotSkipped(string Run, long Epoch, int Attempt, int Step, string Reason) : ITrainerReport;

/// <summary>lambda1 of a snapshot of this attempt; <paramref name="Lag"/> is how many steps training had gone on.</summary>
internal sealed record CurvatureReported(
    string Run, long Epoch, int Attempt, CurvatureMeasurement Measurement, int Lag) : ITrainerReport;

/// <summary>A report that ends the attempt. All snapshots before it are stored, and no measurement is under way.</summary>
internal interface IAttemptEnd : ITrainerReport;

/// <summary>A rule fired.</summary>
internal sealed record AttemptDiverged(string Run, long Epoch, int Attempt, DivergenceVerdict Verdict) : IAttemptEnd;

/// <summary>The last step is done.</summary>
internal sealed record AttemptFinished(
    string Run, long Epoch, int Attempt, Evaluation Evaluation, string ParametersSha256) : IAttemptEnd;

/// <summary>Paused as asked, with a snapshot at this step.</summary>
internal sealed record AttemptPaused(string Run, long Epoch, int Attempt, int Step) : IAttemptEnd;

/// <summary>The snapshot to start from is missing or damaged; nothing was trained.</summary>
internal sealed record SnapshotUnusable(
    string Run, long Epoch, SnapshotReference Snapshot, string Reason) : IAttemptEnd;

/// <summary>The attempt cannot go on.</summary>
/// <param name="Run">Identity of the run.</param>
/// <param name="Epoch">The claim.</param>
/// <param name="Reason">In words.</param>
/// <param name="UserCode">Whether model, data or loss threw, in contrast to the machine.</param>
internal sealed record TrainerFailed(string Run, long Epoch, string Reason, bool UserCode) : IAttemptEnd;
