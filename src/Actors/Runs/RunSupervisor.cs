using Akka.Actor;
using Akka.Persistence;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Monitoring;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Sweeps;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Recovery;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Runs;

/// <summary>
/// Takes one run to a terminal state: claims a device, starts attempts, answers divergence with a remedy, and
/// records each decision in the journal before acting on it. What it decides follows from the run's own history,
/// never from the timing of messages.
/// </summary>
internal sealed class RunSupervisor : ReceivePersistentActor
{
    private readonly PlannedRun _run;
    private readonly RunPolicy _policy;
    private readonly NodeServices _services;
    private readonly TimeProvider _time;
    private readonly RecoveryLadder _ladder;
    private readonly HashSet<string> _onDisk = [];
    private RunState _state = RunState.New;
    private IActorRef? _slot;
    private IActorRef? _trainer;
    private bool _launched;
    private bool _pausing;
    private StepMetrics? _lastStep;
    private Evaluation? _lastEvaluation;
    private CurvatureMeasurement? _lastMeasurement;

    public RunSupervisor(PlannedRun run, RunPolicy policy, NodeServices services, TimeProvider time)
    {
        _run = run;
        _policy = policy;
        _services = services;
        _time = time;
        _ladder = new RecoveryLadder(run.Specification.Recovery);
        PersistenceId = PersistenceIds.Run(run.Run);

        Recover<IRunEvent>(Apply);
        Command<Assign>(OnAssign);
        Command<Pause>(_ => OnPause());
        Command<TrainerStarted>(OnTrainerStarted);
        Command<ITrainerReport>(OnReport);
        Command<ProbePool.Measured>(measured => OnRemedyMeasured(measured.Measurement));
        Command<ProbePool.NotMeasured>(OnRemedyNotMeasured);
        Command<Terminated>(ended => OnEnded(ended.ActorRef));
    }

    public override string PersistenceId { get; }

    public static Props Props(PlannedRun run, RunPolicy policy, NodeServices services, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new RunSupervisor(run, policy, services, time));

    private RunSpecification Specification => _run.Specification;

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        Context.System.EventStream.Publish(new StorageFailed($"The journal could not be written: {cause.Message}"));
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        Context.System.EventStream.Publish(new StorageFailed($"The journal refused an event: {cause.Message}"));
        Context.Stop(Self);
    }

    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        Context.System.EventStream.Publish(new StorageFailed($"The journal could not be read: {reason.Message}"));
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
        Persist(new RunClaimed(_state.Epoch + 1, assign.Node, assign.Device, Now), claimed =>
        {
            Apply(claimed);
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
            ConcludePaused();
            return;
        }

        AttemptState attempt = _state.Attempt!;
        SnapshotReference? from = _state.NewestSnapshot is { } snapshot
            ? new SnapshotReference(snapshot.File, snapshot.Sha256, snapshot.Bytes)
            : null;
        _launched = true;
        _slot.Tell(new StartTrainer(
            _run.Run, _state.Epoch, attempt.Attempt, attempt.FromStep, Specification, attempt.Plan, _policy.Observation,
            from, Self));
    }

    private void OnTrainerStarted(TrainerStarted started)
    {
        // It comes from the slot, the reports from the trainer: an attempt may have ended before this says it began.
        if (started.Epoch != _state.Epoch || started.Attempt != _state.Attempt?.Attempt || !_launched)
        {
            started.Trainer.Tell(new TrainerFenced(_state.Epoch));
            return;
        }

        _trainer = Context.Watch(started.Trainer);
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

        switch (report)
        {
            case StepsTrained trained:
                _lastStep = trained.Metrics.Count > 0 ? trained.Metrics[^1] : _lastStep;
                _lastEvaluation = trained.Evaluation ?? _lastEvaluation;
                PublishProgress();
                break;
            case CurvatureReported reported:
                OnCurvature(reported);
                break;
            case SnapshotStored stored:
                OnSnapshot(stored);
                break;
            case AttemptDiverged diverged:
                TrainerIsDone();
                Persist(new DivergenceDetected(diverged.Attempt, diverged.Verdict, Now), detected =>
                {
                    Apply(detected);
                    Notice($"diverged at step {detected.Verdict.Step} ({detected.Verdict.Rule}): {detected.Verdict.Evidence}");
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
                Conclude(new RunPaused(paused.Step, Now), $"paused at step {paused.Step}");
                break;
            case TrainerFailed failed:
                TrainerIsDone();
                OnTrainerLost(failed.Reason, failed.UserCode);
                break;
        }
    }

    private void OnCurvature(CurvatureReported reported)
    {
        _lastMeasurement = reported.Measurement;
        PublishProgress();
        string? milestone = reported.Measurement.Step == 0 ? Milestones.Initialisation
            : reported.Measurement.Step == Specification.Training.Steps ? Milestones.End
            : null;
        if (milestone is not null && !_state.Measurements.Exists(measured =>
            measured.Attempt == reported.Attempt && measured.Reason == milestone))
        {
            Persist(new CurvatureMeasured(reported.Attempt, milestone, reported.Measurement, Now), Apply);
        }
    }

    private void OnSnapshot(SnapshotStored stored)
    {
        SnapshotReference reference = stored.Reference;
        Persist(
            new SnapshotCommitted(
                stored.Attempt, stored.Step, stored.Anchor, reference.File, reference.Sha256, reference.Bytes, Now),
            committed =>
            {
                Apply(committed);
                Prune();
            });
    }

    /// <summary>Answers a verdict: with the next remedy of the ladder, or, with the budget used up, with the end.</summary>
    private void Answer(DivergenceVerdict verdict)
    {
        if (_ladder.Next(_state.Restarts) is not { Remedy: var remedy })
        {
            string reason = Specification.Recovery.Enabled
                ? $"all {Specification.Recovery.Budget} restarts are used up; last: {verdict.Evidence}"
                : verdict.Evidence;
            Conclude(new RunDiverged(verdict.Step, reason, Now), $"ended diverged: {reason}");
            return;
        }

        PublishProgress();
        SnapshotCommitted target = RollbackTarget(verdict);
        if (!remedy.WantsCurvature || !Specification.Curvature.Enabled)
        {
            Decide(verdict, target, remedy, curvature: null);
        }
        else if (_state.Measurements.FindLast(measured => measured.Reason == Milestones.Remedy(_state.Restarts + 1)) is { } known)
        {
            // Measured before a crash. The same snapshot from the same cold start would give the same value.
            Decide(verdict, target, remedy, known.Measurement);
        }
        else
        {
            _services.Probes.Tell(new ProbePool.MeasureStored(
                _run.Run, Specification, target.Step, new SnapshotReference(target.File, target.Sha256, target.Bytes)));
        }
    }

    private void OnRemedyMeasured(CurvatureMeasurement measurement)
    {
        if (_slot is null
            || _state.OpenVerdict is not { } verdict
            || measurement.Step != RollbackTarget(verdict).Step
            || _ladder.Next(_state.Restarts) is not { Remedy: var remedy })
        {
            return;
        }

        Persist(
            new CurvatureMeasured(_state.Attempt!.Attempt, Milestones.Remedy(_state.Restarts + 1), measurement, Now),
            measured =>
            {
                Apply(measured);
                Decide(verdict, RollbackTarget(verdict), remedy, measurement);
            });
    }

    private void OnRemedyNotMeasured(ProbePool.NotMeasured failed)
    {
        if (_slot is not null && _state.OpenVerdict is not null)
        {
            OnTrainerLost(
                $"the curvature at step {failed.Step}, which the remedy needs, could not be measured: {failed.Reason}",
                userCode: false);
        }
    }

    private void Decide(
        DivergenceVerdict verdict, SnapshotCommitted target, IRemedy remedy, CurvatureMeasurement? curvature)
    {
        AttemptState attempt = _state.Attempt!;
        RemedyDecision decision = remedy.Choose(
            new RecoveryContext(Specification, attempt.Plan, verdict, target.Step, curvature));
        IRunEvent[] events =
        [
            new RemedyChosen(_state.Restarts + 1, target.Step, decision, Now),
            new AttemptStarted(attempt.Attempt + 1, target.Step, decision.Plan, Now),
        ];
        PersistAll(events, e =>
        {
            Apply(e);
            if (e is AttemptStarted)
            {
                Notice($"restart {_state.Restarts} of {Specification.Recovery.Budget} from step {target.Step} with {decision.Remedy}: {decision.Reason}");
                Prune();
                Launch();
            }
        });
    }

    private SnapshotCommitted RollbackTarget(DivergenceVerdict verdict) =>
        _state.RollbackTarget(verdict, Specification)
        ?? throw new InvalidOperationException(
            $"Run {_run.Run} diverged at step {verdict.Step} and has no snapshot at all to roll back to.");

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

    private void OnTrainerLost(string reason, bool userCode) =>
        Persist(new TrainerLost(_state.Epoch, reason, userCode, Now), lost =>
        {
            Apply(lost);
            int recent = _state.InfrastructureFailures.Count(at => at > Now - TimeSpan.FromHours(1));
            if (_state.UserErrors > _policy.ErrorBudget)
            {
                Conclude(new RunFailed(reason, Now), $"failed: {reason}");
            }
            else if (recent > _policy.InfrastructureRestarts)
            {
                string why = $"its trainer was lost {recent} times within an hour; last: {reason}";
                Conclude(new RunFailed(why, Now), $"failed: {why}");
            }
            else
            {
                Notice($"lost its trainer and will go on from its last snapshot: {reason}");
                Release(Backoff(_state.InfrastructureFailures.Count + _state.UserErrors));
            }
        });

    private void OnPause()
    {
        _pausing = true;
        if (_trainer is not null)
        {
            _trainer.Tell(PauseTrainer.Instance);
        }
        else if (_slot is null && !_state.Status.IsTerminal())
        {
            Release();
        }
    }

    private void ConcludePaused()
    {
        int step = _state.NewestSnapshot?.Step ?? 0;
        Conclude(new RunPaused(step, Now), $"paused at step {step}");
    }

    private void Conclude(IRunEvent end, string notice) => Persist(end, e =>
    {
        Apply(e);
        Notice(notice);
        if (_state.Status.IsTerminal())
        {
            _services.Probes.Tell(new ProbePool.Forget(_run.Run));
            Prune();
        }

        Release();
    });

    private void TrainerIsDone()
    {
        _launched = false;
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

        PublishProgress();
        Context.Parent.Tell(new SweepProtocol.RunReleased(_run.Run, _state.Status, notBefore));
    }

    /// <summary>One second after the first failure, doubled with each, a minute at most.</summary>
    private static TimeSpan Backoff(int failures) => TimeSpan.FromSeconds(Math.Min(60, Math.Pow(2, failures - 1)));

    /// <summary>Removes the snapshots that no rollback can land on any more, those of abandoned history included.</summary>
    private void Prune()
    {
        HashSet<string> retained =
        [
            .. _state.Retained(_policy.Observation.SnapshotKeep, Specification.Recovery.HealthyAfter)
                .Select(snapshot => snapshot.File),
        ];
        string[] superfluous = [.. _onDisk.Where(file => !retained.Contains(file))];
        _onDisk.ExceptWith(superfluous);
        if (superfluous.Length > 0)
        {
            _services.Store.Tell(new SnapshotStore.Remove(superfluous));
        }
    }

    private void Apply(IRunEvent e)
    {
        _state = _state.Apply(e);
        switch (e)
        {
            case SnapshotCommitted committed:
                _onDisk.Add(committed.File);
                break;
            case AttemptStarted:
                (_lastStep, _lastEvaluation, _lastMeasurement) = (null, null, null);
                break;
        }
    }

    private void Notice(string text) => _services.Monitor.Tell(new RunNotice(_run.Run, _run.Name, text, Now));

    private void PublishProgress() => _services.Monitor.Tell(new RunProgress
    {
        Run = _run.Run,
        Name = _run.Name,
        Status = _state.Status,
        Attempt = _state.Attempt?.Attempt ?? 0,
        Step = _state.Completion?.Steps ?? (_lastStep is { } step ? step.Step + 1 : _state.NewestSnapshot?.Step ?? 0),
        Steps = Specification.Training.Steps,
        Loss = _lastStep?.Loss,
        Accuracy = _state.Completion?.Evaluation.Accuracy ?? _lastEvaluation?.Accuracy,
        LearningRate = _lastStep?.LearningRate,
        Lambda1 = _lastMeasurement?.Lambda1,
        Lambda1Residual = _lastMeasurement?.Residual,
        Lambda1Step = _lastMeasurement?.Step,
        Lambda1Converged = _lastMeasurement?.Converged ?? false,
        StabilityRatio = _lastMeasurement?.StabilityRatio,
        Restarts = _state.Restarts,
        RestartBudget = Specification.Recovery.Budget,
        Node = _state.Node,
        Device = _state.Device,
    });

    private DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>From the sweep: this device is yours.</summary>
    public sealed record Assign(string Node, string Device, IActorRef Slot);

    /// <summary>From the sweep: make a snapshot and let go of the device.</summary>
    public sealed record Pause
    {
        public static Pause Instance { get; } = new();
    }
}
