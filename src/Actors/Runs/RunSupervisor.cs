using Akka.Actor;
using Akka.Persistence;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Databases;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Sweeps;
using CurvatureActors.Training.Recovery;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Runs;

/// <summary>
/// Takes one run to a terminal state: claims a device, starts attempts, answers divergence with a remedy, and
/// records each decision in the journal before acting on it. What it decides follows from the run's own history,
/// never from the timing of messages.
/// </summary>
internal sealed partial class RunSupervisor : ReceivePersistentActor, IWithTimers
{
    private readonly PlannedRun _run;
    private readonly RunPolicy _policy;
    private readonly CoordinatorServices _services;
    private readonly TimeProvider _time;
    private readonly RecoveryLadder _ladder;
    private readonly RunAnnouncer _announcer;
    private readonly SnapshotRetention _retention;
    private RunState _state = RunState.New;
    private IActorRef? _slot;
    private IActorRef? _trainer;
    private StartTrainer? _order;
    private Evaluation? _evaluation;

    public RunSupervisor(PlannedRun run, RunPolicy policy, CoordinatorServices services, TimeProvider time)
    {
        _run = run;
        _policy = policy;
        _services = services;
        _time = time;
        _ladder = new RecoveryLadder(run.Specification.Recovery);
        _retention = new SnapshotRetention(
            services.Store, run.Run, run.Specification, policy.Observation.SnapshotKeep);
        _announcer = new RunAnnouncer(services.Monitor, run, time);
        PersistenceId = PersistenceIds.Run(run.Run);

        Recover<IRunEvent>(Apply);
        Command<Assign>(OnAssign);
        Command<Pause>(OnPause);
        Command<Cancel>(OnCancel);
        Command<TrainerStarted>(OnTrainerStarted);
        Command<TrainerAlive>(OnTrainerAlive);
        Command<CheckTrainer>(_ => OnCheckTrainer());
        Command<ITrainerReport>(OnReport);
        Command<ProbePool.Measured>(measured => OnRemedyMeasured(measured.Measurement));
        Command<ProbePool.RateSearched>(searched => OnRateSearched(searched.Measurement));
        Command<ProbePool.NotMeasured>(OnRemedyNotMeasured);
        Command<Terminated>(ended => OnEnded(ended.ActorRef));
        Command<DeviceLost>(OnDeviceLost);
        Command<AnswerAgain>(_ => OnAnswerAgain());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public override string PersistenceId { get; }

    public static Props Props(PlannedRun run, RunPolicy policy, CoordinatorServices services, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new RunSupervisor(run, policy, services, time));

    private RunSpecification Specification => _run.Specification;

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        Context.System.EventStream.Publish(new StorageFailed($"The journal {_services.Journal} could not be written: {SqliteTrouble.Reason(_services.Journal, cause)}"));
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        Context.System.EventStream.Publish(new StorageFailed($"The journal {_services.Journal} refused an event: {cause.Message}"));
        Context.Stop(Self);
    }

    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        Context.System.EventStream.Publish(new StorageFailed($"The journal {_services.Journal} could not be read: {SqliteTrouble.Reason(_services.Journal, reason)}"));
        base.OnRecoveryFailure(reason, message);
    }

    private void OnAssign(Assign assign)
    {
        if (_state.Status.IsTerminal())
        {
            Release();
            return;
        }

        _slot = Context.Watch(assign.Slot);
        _pausing = false;
        _cancelled = false;
        _askedBy = null;
        string? before = _state.Processors.LastOrDefault();
        Persist(new RunClaimed(_state.Epoch + 1, assign.Node, assign.Device, Now) { Processor = assign.Processor }, claimed =>
        {
            Apply(claimed);
            if (before is not null && _state.Processors[^1] != before)
            {
                _announcer.Notice($"was trained on {before} before and goes on on {_state.Processors[^1]}: the same bits are not promised");
            }

            if (_state.OpenVerdict is { } verdict)
            {
                Answer(verdict);
            }
            else if (_state.Attempt is null)
            {
                Start(new AttemptStarted(1, 0, TrainingPlan.Initial(Specification), Now));
            }
            else if (_state.Attempt is { Remedy: { } remedy, RolledBackTo: { } step } left)
            {
                // A crash came between the remedy and its attempt, with a journal that does not write both or none.
                Start(new AttemptStarted(left.Attempt + 1, step, remedy.Plan, Now));
            }
            else
            {
                Launch();
            }
        });
    }

    private void Start(AttemptStarted attempt) => Persist(attempt, started =>
    {
        Apply(started);
        Launch();
    });

    private void Launch()
    {
        if (_pausing)
        {
            ConcludePaused(_state.NewestSnapshot?.Step ?? 0);
            return;
        }

        AttemptState attempt = _state.Attempt!;
        SnapshotReference? from = _state.NewestSnapshot is { } snapshot
            ? new SnapshotReference(snapshot.File, snapshot.Sha256, snapshot.Bytes)
            : null;
        _order = new StartTrainer(
            _run.Run, _state.Epoch, attempt.Attempt, attempt.FromStep, Specification, attempt.Plan, _policy.Observation,
            from, Self)
        {
            EarlierPlans = _state.EarlierPlans,
            StartStep = _state.NewestSnapshot?.Step ?? 0,
        };
        _slot.Tell(_order);
        WatchTrainer();
    }

    private void OnTrainerStarted(TrainerStarted started)
    {
        // It comes from the slot, the reports from the trainer: an attempt may have ended before this says it began.
        if (started.Epoch != _state.Epoch || started.Attempt != _state.Attempt?.Attempt || _order is null)
        {
            started.Trainer.Tell(new TrainerFenced(_state.Epoch));
            return;
        }

        _trainer = Context.Watch(started.Trainer);
        _heardAt = _time.GetTimestamp();
        if (_pausing)
        {
            _trainer.Tell(PauseTrainer.Instance);
        }
    }

    private void OnReport(ITrainerReport report)
    {
        if (report.Epoch != _state.Epoch || _state.Status.IsTerminal())
        {
            Sender.Tell(new TrainerFenced(_state.Epoch));
            return;
        }

        _heardAt = _time.GetTimestamp();
        switch (report)
        {
            case InitialisationReported initialising:
                _announcer.Observe(initialising);
                _announcer.Progress(_state);
                break;
            case StepsTrained trained:
                _evaluation = trained.Evaluation ?? _evaluation;
                _announcer.Observe(trained);
                _announcer.Progress(_state);
                break;
            case CurvatureReported reported:
                OnCurvature(reported);
                break;
            case SnapshotStored stored:
                OnSnapshot(stored);
                break;
            case SnapshotSkipped skipped:
                _announcer.Notice($"goes on without its snapshot at step {skipped.Step}: {skipped.Reason}");
                break;
            case AttemptDiverged diverged:
                TrainerIsDone();
                Persist(new DivergenceDetected(diverged.Attempt, diverged.Verdict, Now), detected =>
                {
                    Apply(detected);
                    _announcer.Notice($"diverged at step {detected.Verdict.Step} ({detected.Verdict.Rule}): {detected.Verdict.Evidence}");
                    Answer(detected.Verdict);
                });
                break;
            case AttemptFinished finished:
                TrainerIsDone();
                Conclude(
                    new RunCompleted(Specification.Training.Steps, finished.Evaluation, finished.ParametersSha256, Now),
                    $"completed: accuracy {100 * finished.Evaluation.Accuracy:f1}%, loss {finished.Evaluation.Loss:g4} on the test set");
                break;
            case AttemptPaused paused:
                TrainerIsDone();
                ConcludePaused(paused.Step);
                break;
            case SnapshotUnusable unusable:
                TrainerIsDone();
                Reject(unusable.Snapshot, unusable.Reason);
                break;
            case TrainerFailed failed:
                TrainerIsDone();
                OnTrainerLost(failed.Reason, failed.UserCode);
                break;
        }
    }

    private void OnCurvature(CurvatureReported reported)
    {
        _announcer.Observe(reported.Measurement);
        _announcer.Progress(_state);
        string? milestone = reported.Measurement.Step == 0 ? Milestones.Initialisation
            : reported.Measurement.Step == Specification.Training.Steps ? Milestones.End
            : null;
        if (milestone is not null && !_state.Measurements.Exists(measured =>
            measured.Attempt == reported.Attempt && measured.Reason == milestone))
        {
            Persist(new CurvatureMeasured(reported.Attempt, milestone, reported.Measurement, Now), Apply);
        }
    }

    private void OnEnded(IActorRef ended)
    {
        if (ended.Equals(_trainer))
        {
            TrainerIsDone();
            OnTrainerLost("the trainer ended without a word", userCode: false);
        }
        else if (ended.Equals(_slot) && _trainer is null)
        {
            // With a trainer on it, the trainer's own end says it.
            TrainerIsDone();
            OnTrainerLost("its device was lost", userCode: false);
        }
    }

    private void OnDeviceLost(DeviceLost lost)
    {
        if (lost.Slot.Equals(_slot))
        {
            TrainerIsDone();
            OnTrainerLost(lost.Reason, userCode: false);
        }
    }

    private void OnTrainerLost(string reason, bool userCode) =>
        Persist(new TrainerLost(_state.Epoch, reason, userCode, Now), lost =>
        {
            Apply(lost);
            if (_policy.ReasonToGiveUp(_state, reason) is { } why)
            {
                Conclude(new RunFailed(why, Now), $"failed: {why}");
                return;
            }

            _announcer.Notice($"lost its trainer and will go on from its last snapshot: {reason}");
            Release(RunPolicy.BackOff(_state));
        });

    private void Conclude(IRunEvent end, string notice) => Persist(end, e =>
    {
        Apply(e);
        _announcer.Notice(notice);
        if (_state.Status.IsTerminal())
        {
            _retention.Prune(_state);
        }

        Release();
    });

    private void TrainerIsDone()
    {
        _order = null;
        Timers.Cancel(CheckTrainer.Instance);
        if (_trainer is not null)
        {
            Context.Unwatch(_trainer);
            _trainer = null;
        }
    }

    private void Release(TimeSpan notBefore = default)
    {
        if (_slot is not null)
        {
            Context.Unwatch(_slot);
            _slot = null;
        }

        _announcer.Progress(_state);
        Context.Parent.Tell(new SweepProtocol.RunReleased(_run.Run, _state.Status, notBefore, _state.NewestSnapshot?.Step ?? 0));
    }

    private void Apply(IRunEvent e)
    {
        _state = _state.Apply(e);
        switch (e)
        {
            case SnapshotCommitted committed:
                _retention.Add(committed.File);
                break;
            case AttemptStarted:
                _announcer.Forget();
                break;
        }
    }

    private DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>From the sweep: this device is gone with its process.</summary>
    public sealed record DeviceLost(IActorRef Slot, string Reason) : INoSerializationVerificationNeeded;

    /// <summary>From the sweep: this device is yours.</summary>
    public sealed record Assign(string Node, string Device, IActorRef Slot, string? Processor = null);
}
