using Akka.Actor;
using Akka.Persistence;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Databases;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Monitoring;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Workers;

namespace CurvatureActors.Actors.Sweeps;

/// <summary>
/// One experiment: places its runs on the devices that have registered, in the order of the experiment, until each
/// has reached a terminal state. Runs that did so in an earlier life are not woken again.
/// </summary>
internal sealed partial class Sweep : ReceivePersistentActor, IWithTimers
{
    /// <summary>Crashes of one run's supervisor before the program gives up.</summary>
    private const int MostCrashes = 3;

    private readonly CoordinatorServices _services;
    private readonly TimeProvider _time;
    private readonly Dictionary<IActorRef, Device> _devices = [];
    private readonly Dictionary<string, RunStatus> _status = [];
    private readonly Dictionary<string, IActorRef> _supervisors = [];
    private readonly HashSet<string> _waitingToRetry = [];
    private readonly Dictionary<string, int> _crashes = [];
    private readonly List<IActorRef> _waitingForEnd = [];
    private ExperimentSpecification? _experiment;
    private bool _submitted;
    private bool _interrupted;

    public Sweep(string name, CoordinatorServices services, TimeProvider time)
    {
        _services = services;
        _time = time;
        PersistenceId = PersistenceIds.Experiment(name);

        Recover<ExperimentAccepted>(Apply);
        Recover<RunConcluded>(Apply);
        Command<SweepProtocol.Recovered>(recovered => Sender.Tell(recovered));
        Command<SweepProtocol.Submit>(OnSubmit);
        Command<SweepProtocol.Interrupt>(_ => OnInterrupt());
        Command<SweepProtocol.Control>(OnControl);
        Command<ControlOverdue>(OnControlOverdue);
        Command<SweepProtocol.RegisterDevice>(OnRegister);
        Command<SweepProtocol.RunReleased>(OnReleased);
        Command<RunSealer.Sealed>(OnSealed);
        Command<SweepProtocol.DeviceHung>(OnHung);
        Command<SweepProtocol.NodeLost>(OnNodeLost);
        Command<SweepProtocol.RetryRun>(retry =>
        {
            _waitingToRetry.Remove(retry.Run);
            Place();
        });
        Command<Terminated>(OnTerminated);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public override string PersistenceId { get; }

    public static Props Props(string name, CoordinatorServices services, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new Sweep(name, services, time));

    protected override SupervisorStrategy SupervisorStrategy() => SupervisorStrategies.Stop;

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

    private void OnSubmit(SweepProtocol.Submit submit)
    {
        _waitingForEnd.Add(Sender);
        if (_experiment is not null && SameRuns(_experiment, submit.Experiment))
        {
            // The file may observe it differently this time; that changes no run and needs no event.
            _experiment = submit.Experiment;
            Begin(submit);
        }
        else
        {
            Persist(new ExperimentAccepted(submit.Experiment, _time.GetUtcNow()), accepted =>
            {
                Apply(accepted);
                Begin(submit);
            });
        }
    }

    private static bool SameRuns(ExperimentSpecification one, ExperimentSpecification other) =>
        one.Runs.Select(run => (run.Run, run.Name)).SequenceEqual(other.Runs.Select(run => (run.Run, run.Name)));

    private void Begin(SweepProtocol.Submit submit)
    {
        if (submit.Notice is { } notice)
        {
            _services.Monitor.Tell(new WorkerNotice("storage", notice, _time.GetUtcNow()));
        }

        Reconcile(submit);
        _submitted = true;
        Stash.UnstashAll();
        Place();
        EndIfDone();
    }

    private void OnRegister(SweepProtocol.RegisterDevice device)
    {
        if (_devices.TryAdd(device.Slot, new Device(device.Node, device.Device, device.Processor)))
        {
            Context.Watch(device.Slot);
            Place();
        }
    }

    private void Place()
    {
        if (!_submitted || _interrupted)
        {
            return;
        }

        foreach (PlannedRun run in _experiment!.Runs)
        {
            if (_status.GetValueOrDefault(run.Run) is not (RunStatus.Pending or RunStatus.Paused)
                || _waitingToRetry.Contains(run.Run)
                || IsHeldBack(run.Run))
            {
                continue;
            }

            (IActorRef slot, Device? device) = _devices.FirstOrDefault(entry => entry.Value is { Run: null, Hung: false });
            if (device is null)
            {
                return;
            }

            device.Run = run.Run;
            _status[run.Run] = RunStatus.Running;
            Supervisor(run).Tell(new RunSupervisor.Assign(device.Node, device.Name, slot, device.Processor));
        }
    }

    private IActorRef Supervisor(PlannedRun run)
    {
        if (!_supervisors.TryGetValue(run.Run, out IActorRef? supervisor))
        {
            supervisor = Context.Watch(Context.ActorOf(
                RunSupervisor.Props(run, RunPolicy.Of(_experiment!), _services, _time), $"run-{run.Run}"));
            _supervisors[run.Run] = supervisor;
        }

        return supervisor;
    }

    private void OnReleased(SweepProtocol.RunReleased released)
    {
        foreach (Device device in _devices.Values.Where(device => device.Run == released.Run))
        {
            device.Run = null;
        }

        if (_status.GetValueOrDefault(released.Run).IsTerminal())
        {
            // It was cancelled while its end was on the way here, and said it again.
            return;
        }

        if (_ending.ContainsKey(released.Run))
        {
            // It has ended; what it left is being taken down.
            return;
        }

        if (released.Status.IsTerminal())
        {
            if (_services.Sealer is { } sealer)
            {
                _ending.Add(released.Run, released);
                sealer.Tell(new RunSealer.Seal(released.Run));
                Place();
            }
            else
            {
                RecordEnd(released, null);
            }
        }
        else
        {
            _status[released.Run] = released.Status == RunStatus.Paused ? RunStatus.Paused : RunStatus.Pending;
            if (released.NotBefore > TimeSpan.Zero && _waitingToRetry.Add(released.Run))
            {
                Timers.StartSingleTimer(released.Run, new SweepProtocol.RetryRun(released.Run), released.NotBefore);
            }

            Settle(released);
            Place();
            EndIfDone();
        }
    }

    /// <summary>
    /// A native call that does not return cannot be ended within its process. A worker is killed and replaced; without
    /// workers the others go on, and with none left the program ends, to be resumed.
    /// </summary>
    private void OnHung(SweepProtocol.DeviceHung hung)
    {
        if (!_devices.TryGetValue(hung.Slot, out Device? device))
        {
            return;
        }

        device.Hung = true;
        Context.System.EventStream.Publish(new WorkerPool.Replace(device.Node, hung.Reason));
        bool inThisProcess = hung.Slot.Path.Address.HasLocalScope;
        if (inThisProcess && _devices.Values.All(other => other.Hung))
        {
            _services.Monitor.Tell(new WorkerNotice(
                device.Name, "hangs, and no device is left; run it with --workers, which can be replaced", _time.GetUtcNow()));
            _interrupted = true;
            EndIfDone();
        }
    }

    /// <summary>A process that was seen to end need not be found out by the cluster, which takes its time.</summary>
    private void OnNodeLost(SweepProtocol.NodeLost lost)
    {
        foreach ((IActorRef slot, Device device) in _devices.Where(entry => entry.Value.Node == lost.Node).ToArray())
        {
            Context.Unwatch(slot);
            _devices.Remove(slot);
            if (device.Run is { } run && _supervisors.TryGetValue(run, out IActorRef? supervisor))
            {
                supervisor.Tell(new RunSupervisor.DeviceLost(slot, lost.Reason));
            }
        }
    }

    private void OnTerminated(Terminated ended)
    {
        if (_devices.Remove(ended.ActorRef))
        {
            // Its trainer has died with it; the run's supervisor sees that itself and releases the run.
            return;
        }

        if (_supervisors.FirstOrDefault(entry => entry.Value.Equals(ended.ActorRef)).Key is { } run)
        {
            OnSupervisorCrashed(run);
        }
    }

    /// <summary>
    /// A supervisor ends by itself only when the journal failed it, which it has published, or by a defect of ours.
    /// It is started again from its journal; a defect that comes back each time must not go on for ever.
    /// </summary>
    private void OnSupervisorCrashed(string run)
    {
        _supervisors.Remove(run);
        int crashes = _crashes[run] = _crashes.GetValueOrDefault(run) + 1;
        if (crashes > MostCrashes)
        {
            Context.System.EventStream.Publish(new StorageFailed(
                $"The supervisor of run {run} failed {crashes} times; the log in the state directory says why"));
            return;
        }

        OnReleased(new SweepProtocol.RunReleased(run, RunStatus.Pending, TimeSpan.FromSeconds(crashes)));
    }

    private void OnInterrupt()
    {
        _interrupted = true;
        foreach (Device device in _devices.Values)
        {
            if (device.Run is { } run)
            {
                _supervisors[run].Tell(new RunSupervisor.Pause());
            }
        }

        EndIfDone();
    }

    private void EndIfDone()
    {
        bool idle = _devices.Values.All(device => device.Run is null) && _cancelled.Count == 0 && _ending.Count == 0;
        bool finished = _submitted
            && _experiment!.Runs.All(run => _status.GetValueOrDefault(run.Run).IsTerminal());
        if (!idle || !(finished || _interrupted || NothingMoreToStart))
        {
            return;
        }

        var runs = (_experiment?.Runs ?? []).ToDictionary(run => run.Run, run => _status.GetValueOrDefault(run.Run));
        foreach (IActorRef waiting in _waitingForEnd)
        {
            waiting.Tell(new SweepProtocol.Ended(!finished, runs));
        }

        _waitingForEnd.Clear();
        AnswerAll();
    }

    private void Apply(ExperimentAccepted accepted) => _experiment = accepted.Experiment;

    private void Apply(RunConcluded concluded) => _status[concluded.Run] = concluded.State;

    private sealed class Device(string node, string name, string? processor)
    {
        public string Node { get; } = node;

        public string Name { get; } = name;

        public string? Processor { get; } = processor;

        /// <summary>Whether a trainer hangs on it.</summary>
        public bool Hung { get; set; }

        /// <summary>The run that has it; null when it is free.</summary>
        public string? Run { get; set; }
    }
}
