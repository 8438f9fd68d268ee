using System.Diagnostics;
using Akka.Actor;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Runs;

/// <summary>
/// Trains one attempt on its own thread, in slices: between two slices it hears what it is told. It decides
/// nothing; where a rule fires it stops and reports.
/// </summary>
internal sealed partial class Trainer : ReceiveActor
{
    /// <summary>Snapshots under way to the disk before the trainer waits for one to arrive: each holds its memory.</summary>
    private const int MostStoring = 2;

    /// <summary>
    /// Snapshots on the disk that wait for telemetry before the trainer waits too: while it cannot be written they take
    /// space, though little of it, since a run with large ones makes few before that trouble ends the program.
    /// </summary>
    private const int MostUnflushed = 1024;

    private readonly StartTrainer _order;
    private readonly NodeServices _services;
    private readonly string _device;
    private readonly Dictionary<long, SnapshotStored> _awaitingFlush = [];
    private readonly AuditLog? _audit;
    private readonly TelemetrySender _telemetry;
    private TrainingSession? _session;
    private int _storing;
    private TimeSpan _slowestSlice;
    private bool _sliceQueued;
    private int _observed = -1;
    private int _stored = -1;
    private long? _endToken;
    private IAttemptEnd? _end;

    public Trainer(StartTrainer order, NodeServices services, string device)
    {
        _order = order;
        _services = services;
        _device = device;
        _telemetry = new TelemetrySender(services.Telemetry);
        _audit = order.Observation.Audit is { } folder ? new AuditLog(folder, order) : null;
        Receive<Begin>(_ => Guard(OnBegin));
        Receive<Slice>(_ => Guard(OnSlice));
        Receive<PauseTrainer>(_ => Guard(OnPause));
        Receive<AreYouAlive>(_ =>
        {
            Sender.Tell(new TrainerAlive(_order.Epoch, _slowestSlice));
            _telemetry.AskAgain();
        });
        Receive<TrainerFenced>(_ => Context.Stop(Self));
        Receive<SnapshotStore.Written>(OnWritten);
        Receive<SnapshotStore.NotWritten>(OnNotWritten);
        Receive<TelemetryWriter.Flushed>(OnFlushed);
        Receive<TelemetryWriter.RowsLost>(lost =>
            Fail($"{lost.Rows} rows of telemetry were lost on their way to the coordinator", userCode: false));
        Receive<ProbePool.Measured>(measured => Guard(() => OnMeasured(measured)));
        Receive<ProbePool.KindsMeasured>(measured =>
        {
            Record(measured.Kinds);
            MeasurementEnded();
        });
        Receive<ProbePool.NotMeasured>(OnNotMeasured);
    }

    public static Props Props(StartTrainer order, NodeServices services, string device) =>
        Akka.Actor.Props.Create(() => new Trainer(order, services, device)).WithDispatcher(Dispatchers.Trainer);

    protected override void PreStart() => Self.Tell(Begin.Instance);

    protected override void PostStop()
    {
        _rateMeasurements.GiveUp();
        _session?.Dispose();
        _audit?.Dispose();
    }

    /// <summary>
    /// A snapshot is not committed yet, and each of its stages is heard of between two slices: so slices are single steps
    /// meanwhile, and a crash costs few steps beyond the interval between snapshots.
    /// </summary>
    private bool SnapshotUnderWay => _storing > 0 || _awaitingFlush.Count > 0;

    private bool Blocked =>
        BlockedByMeasurement
        || _storing >= MostStoring
        || _awaitingFlush.Count >= MostUnflushed
        || _telemetry.Full;

    private void OnSlice()
    {
        _sliceQueued = false;
        TrainingSession session = _session!;
        if (_end is not null || Blocked)
        {
            return;
        }

        if (!Initialise(session))
        {
            Continue();
            return;
        }

        List<StepMetrics> metrics = [];
        Evaluation? evaluation = null;
        int first = session.Step;
        long started = Stopwatch.GetTimestamp();
        do
        {
            if (_rateMeasurements.Block(session.Step))
            {
                break;
            }

            FollowPlan(session);
            bool again = session.Step < _order.FromStep;
            if (_observed < session.Step)
            {
                evaluation = Observe(session, again) ?? evaluation;
                _observed = session.Step;
                if (Blocked || _end is not null)
                {
                    break;
                }
            }

            if (session.Finished)
            {
                Finish(session, evaluation);
                break;
            }

            StepOutcome outcome = session.Advance();
            if (!again)
            {
                metrics.Add(outcome.Metrics);
            }

            if (outcome.Verdict is { } verdict)
            {
                Diverge(verdict);
                break;
            }
        }
        while (evaluation is null && !SnapshotUnderWay && Stopwatch.GetElapsedTime(started) < _order.Observation.Slice);

        if (!Note($"steps {first} {session.Step}"))
        {
            return;
        }

        NoteSlice(started);
        Report(metrics, evaluation);
        AskForFlushBeforeTheEnd();
        Continue();
    }

    /// <summary>
    /// The plan of the step. Where an attempt begins, its detector starts afresh, whether it is trained for the first time
    /// or again: the snapshot that a rollback lands on holds the state of the attempt that was condemned.
    /// </summary>
    private void FollowPlan(TrainingSession session)
    {
        TrainingPlan plan = _order.PlanAt(session.Step);
        if (_order.AttemptFromAt(session.Step) == session.Step)
        {
            session.BeginAttempt(plan);
        }
        else if (session.Plan != plan)
        {
            session.Adopt(plan);
        }
    }

    private void NoteSlice(long started)
    {
        TimeSpan slice = Stopwatch.GetElapsedTime(started);
        _slowestSlice = slice > _slowestSlice ? slice : _slowestSlice;
    }

    /// <summary>At a step that is due: evaluates, hands the snapshot to the store and to the probes.</summary>
    private Evaluation? Observe(TrainingSession session, bool again)
    {
        int step = session.Step;
        if (again)
        {
            if (Capped)
            {
                MeasureAgain(session);
            }

            // A rollback that goes back further than this attempt's start finds its anchors again.
            if (IsAnchor(step) && _stored != step)
            {
                using SnapshotBuffer anchor = Capture(session);
                Store(step, anchor: true, anchor);
            }

            return null;
        }

        ObservationOptions observation = _order.Observation;
        bool last = step == _order.Specification.Training.Steps;
        bool store = IsAnchor(step) && _stored != step;
        // A last evaluation that is no number is a divergence, found before the snapshot of the end is made.
        Evaluation? end = last ? session.Evaluate() : null;
        if (end is not null && session.Judge(end) is { } verdict)
        {
            Diverge(verdict);
            return end;
        }

        var due = DueMeasurements.At(step, _order.FromStep, _order.Specification, observation.Probe);

        if (store || due.Any)
        {
            using SnapshotBuffer snapshot = Capture(session);
            if (store)
            {
                Store(step, anchor: true, snapshot);
            }

            if (due.Any)
            {
                Measure(due, snapshot);
            }
        }

        return end ?? (step % observation.EvaluateEvery == 0 ? session.Evaluate() : null);
    }

    private void Finish(TrainingSession session, Evaluation? evaluation)
    {
        Evaluation end = evaluation ?? session.Evaluate();
        if (session.Judge(end) is { } verdict)
        {
            Diverge(verdict);
        }
        else
        {
            End(new AttemptFinished(_order.Run, _order.Epoch, _order.Attempt, end, session.ParametersSha256()));
        }
    }

    private void Diverge(DivergenceVerdict verdict)
    {
        GiveUpMeasurements();
        End(new AttemptDiverged(_order.Run, _order.Epoch, _order.Attempt, verdict));
    }

    private void OnPause()
    {
        if (_end is not null)
        {
            return;
        }

        if (_unreadableSince is not null)
        {
            PauseBeforeStart();
            return;
        }

        if (_session is not { } session)
        {
            // It came before PreStart had sent Begin, which is in the mailbox by now.
            Self.Tell(PauseTrainer.Instance);
            return;
        }

        GiveUpMeasurements();
        int step = session.Step;
        if (PausesInPhase(session))
        {
            StorePhase(session);
        }
        else if (_stored != step && session.IsFinite())
        {
            // Otherwise the run goes on from the snapshot before, to the verdict that comes where the next one is due.
            using SnapshotBuffer snapshot = Capture(session);
            Store(step, IsAnchor(step), snapshot);
        }

        End(new AttemptPaused(_order.Run, _order.Epoch, _order.Attempt, step));
        AskForFlushBeforeTheEnd();
        Continue();
    }

    private void OnFlushed(TelemetryWriter.Flushed flushed)
    {
        _telemetry.Answered(flushed.Token);
        if (_awaitingFlush.Remove(flushed.Token, out SnapshotStored? stored))
        {
            _order.Supervisor.Tell(stored);
        }

        if (flushed.Token == _endToken)
        {
            _endToken = null;
        }

        Continue();
    }

    private void Report(List<StepMetrics> metrics, Evaluation? evaluation)
    {
        if (metrics.Count == 0 && evaluation is null)
        {
            return;
        }

        List<ITelemetryRow> rows = [.. metrics.Select(step => new StepRow(_order.Run, _order.Attempt, step))];
        if (evaluation is not null)
        {
            rows.Add(new EvaluationRow(_order.Run, _order.Attempt, evaluation));
        }

        _telemetry.Record(rows);
        _order.Supervisor.Tell(new StepsTrained(_order.Run, _order.Epoch, _order.Attempt, metrics, evaluation));
    }

    private void End(IAttemptEnd end) => _end = end;

    private void AskForFlushBeforeTheEnd()
    {
        if (_end is not null)
        {
            _endToken = _telemetry.AskForFlush();
        }
    }

    /// <summary>Queues the next slice, or, at the end and with nothing under way, says the last word and stops.</summary>
    private void Continue()
    {
        if (_end is null)
        {
            if (!_sliceQueued && !Blocked)
            {
                _sliceQueued = true;
                Self.Tell(Slice.Instance);
            }
        }
        else if (_storing == 0 && _awaitingFlush.Count == 0 && _measuring == 0 && _endToken is null)
        {
            if (Note($"end {_end.GetType().Name} {_session!.Step}"))
            {
                _order.Supervisor.Tell(_end);
                Context.Stop(Self);
            }
        }
    }

    /// <summary>Notes a line in the audit, if there is one. Where it cannot be written the program ends, to be resumed.</summary>
    /// <returns>Whether to go on.</returns>
    private bool Note(FormattableString line)
    {
        try
        {
            _audit?.Note(line);
            return true;
        }
        catch (AuditException error)
        {
            Context.System.EventStream.Publish(new StorageFailed(error.Message));
            return false;
        }
    }

    /// <summary>An error of model, data or loss ends the attempt with its reason.</summary>
    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Fail($"{error.GetType().Name}: {error.Message}", userCode: true);
        }
    }

    private void Fail(string reason, bool userCode)
    {
        _services.Probes.Tell(new ProbePool.Cancel(_order.Run));
        _order.Supervisor.Tell(new TrainerFailed(_order.Run, _order.Epoch, reason, userCode));
        Context.Stop(Self);
    }

    private sealed record Begin
    {
        public static Begin Instance { get; } = new();
    }

    private sealed record Slice
    {
        public static Slice Instance { get; } = new();
    }
}
