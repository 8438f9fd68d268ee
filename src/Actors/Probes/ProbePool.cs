using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Wire;
using CurvatureActors.Hessian.Operators;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Curvature.Kinds;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Probes;

/// <summary>
/// The Hessian probes of a node and what waits for them. Each run has one probe state (its warm-started solver), so
/// measurements of a run are made one after the other; different runs are measured side by side, in turn.
/// </summary>
/// <remarks>
/// A probe that does not come back costs its measurement and a thread: another takes its place. Native code cannot be
/// interrupted, so the thread is lost until it does come back.
/// </remarks>
internal sealed class ProbePool : ReceiveActor, IWithTimers
{
    /// <summary>A measurement that takes so many times longer than any before it hangs, if it is over the limit too.</summary>
    private const int LongestMeasurements = 20;

    private readonly ISnapshotReader _snapshots;
    private readonly int _workers;
    private readonly TimeSpan _hangAfter;
    private readonly GraphBudget _graphs;
    private readonly Stack<IActorRef> _idle = [];
    private readonly LinkedList<Job> _waiting = [];
    private readonly Dictionary<IActorRef, Job> _working = [];
    private readonly Dictionary<string, CurvatureProbe> _warm = [];
    private readonly HashSet<string> _forgotten = [];
    private TimeSpan _longest;

    /// <param name="snapshots">Where stored snapshots lie.</param>
    /// <param name="workers">Probes that work at the same time.</param>
    /// <param name="hangAfter">Time of a measurement after which its probe counts as hung.</param>
    /// <param name="graphs">What the graphs that the probes keep share. One that hangs has its part until it comes back.</param>
    public ProbePool(ISnapshotReader snapshots, int workers, TimeSpan hangAfter, GraphBudget graphs)
    {
        _snapshots = snapshots;
        _workers = workers;
        _hangAfter = hangAfter;
        _graphs = graphs;
        Receive<Measure>(OnMeasure);
        Receive<MeasureStored>(request =>
        {
            _waiting.AddLast(new Job(
                request.Run, request.Specification, request.Step, null, request.Snapshot, Lambda1: true, [], Sender));
            Dispatch();
        });
        Receive<Cancel>(cancel => Drop(cancel.Run));
        Receive<Forget>(OnForget);
        Receive<HessianProbe.Done>(OnDone);
        Receive<Terminated>(OnProbeEnded);
        Receive<LookForHung>(_ => OnLookForHung());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ISnapshotReader snapshots, int workers, TimeSpan hangAfter, GraphBudget graphs) =>
        Akka.Actor.Props.Create(() => new ProbePool(snapshots, workers, hangAfter, graphs));

    protected override void PreStart()
    {
        var interval = TimeSpan.FromSeconds(Math.Clamp(_hangAfter.TotalSeconds / 10, 0.1, 5));
        Timers.StartPeriodicTimer(LookForHung.Instance, LookForHung.Instance, interval);
        for (int worker = 0; worker < _workers; worker++)
        {
            StartProbe();
        }
    }

    protected override void PostStop()
    {
        // The probes have stopped by now, some perhaps before they came to what they were sent.
        foreach (Job job in _waiting.Concat(_working.Values))
        {
            job.Buffer?.Dispose();
        }

        foreach (CurvatureProbe probe in _warm.Values)
        {
            probe.Dispose();
        }
    }

    protected override SupervisorStrategy SupervisorStrategy() => SupervisorStrategies.Stop;

    private void StartProbe() => _idle.Push(Context.Watch(Context.ActorOf(HessianProbe.Props(_snapshots, _graphs))));

    private void OnMeasure(Measure request)
    {
        bool lambda1 = request.Lambda1;
        List<KindRequest> kinds = [.. request.Kinds];
        if (request.Policy == ProbePolicy.Latest)
        {
            // What was due at a snapshot that is dropped is measured at the one that takes its place: a kind that is
            // rarely due would otherwise be lost to a lambda1 that often is.
            foreach (Job dropped in Drop(request.Run))
            {
                lambda1 |= dropped.Lambda1;
                kinds.AddRange(dropped.Kinds.Where(kind => kinds.TrueForAll(other => other.Kind != kind.Kind)));
            }
        }

        _waiting.AddLast(new Job(
            request.Run, request.Specification, request.Step, request.Snapshot, null, lambda1, kinds, Sender));
        Dispatch();
    }

    private void Dispatch()
    {
        LinkedListNode<Job>? node = _waiting.First;
        while (node is not null && _idle.Count > 0)
        {
            LinkedListNode<Job>? next = node.Next;
            Job job = node.Value;
            if (_working.Values.All(working => working.Run != job.Run))
            {
                _waiting.Remove(node);
                IActorRef probe = _idle.Pop();
                _working[probe] = job with { Started = Stopwatch.GetTimestamp() };
                _warm.Remove(job.Run, out CurvatureProbe? warm);
                probe.Tell(new HessianProbe.Work(
                    job.Specification, warm, job.Buffer, job.Stored, job.Lambda1, job.Kinds));
            }

            node = next;
        }
    }

    private void OnDone(HessianProbe.Done done)
    {
        if (!_working.Remove(Sender, out Job? job))
        {
            // It was given up as hung.
            done.Warm?.Dispose();
            return;
        }

        TimeSpan took = Stopwatch.GetElapsedTime(job.Started);
        _longest = took > _longest ? took : _longest;
        _idle.Push(Sender);
        if (done.Warm is { } warm)
        {
            if (_forgotten.Remove(job.Run))
            {
                warm.Dispose();
            }
            else
            {
                _warm[job.Run] = warm;
            }
        }

        job.ReplyTo.Tell(done.Measured switch
        {
            { Lambda1: { } lambda1, Kinds: var kinds } => new Measured(job.Run, lambda1) { Kinds = kinds },
            { CriticalRate: { } critical } => new RateSearched(job.Run, critical),
            { Kinds: var kinds } => new KindsMeasured(job.Run, kinds),
            null => new NotMeasured(job.Run, job.Step, done.Error ?? "no reason given")
            {
                Unusable = done.Unreadable ? job.Stored : null,
                ReadLater = done.ReadLater,
            },
        });
        Dispatch();
    }

    private void OnLookForHung()
    {
        TimeSpan limit = _longest * LongestMeasurements > _hangAfter ? _longest * LongestMeasurements : _hangAfter;
        foreach ((IActorRef probe, Job job) in _working.ToArray())
        {
            TimeSpan elapsed = Stopwatch.GetElapsedTime(job.Started);
            if (elapsed <= limit)
            {
                continue;
            }

            // It gives back its snapshot should it ever come back, and then it ends.
            _working.Remove(probe);
            _forgotten.Remove(job.Run);
            Context.Unwatch(probe);
            Context.Stop(probe);
            string reason = $"its probe hangs: no value after {elapsed.TotalSeconds:f0} s, and the longest measurement so far took {_longest.TotalSeconds:f1} s";
            Context.GetLogger().Warning("The measurement of run {0} at step {1} is given up: {2}", job.Run, job.Step, reason);
            job.ReplyTo.Tell(new NotMeasured(job.Run, job.Step, reason));
            StartProbe();
        }

        Dispatch();
    }

    /// <summary>A probe that dies takes its measurement with it, and nothing else.</summary>
    private void OnProbeEnded(Terminated ended)
    {
        if (_working.Remove(ended.ActorRef, out Job? job))
        {
            job.Buffer?.Dispose();
            job.ReplyTo.Tell(new NotMeasured(job.Run, job.Step, "the probe failed"));
            StartProbe();
            Dispatch();
        }
    }

    /// <summary>Gives up the snapshots of a run that wait; whoever asked is told.</summary>
    private Job[] Drop(string run)
    {
        Job[] dropped = [.. _waiting.Where(job => job.Run == run && job.Buffer is not null)];
        foreach (Job job in dropped)
        {
            _waiting.Remove(job);
            job.Buffer?.Dispose();
            job.ReplyTo.Tell(new NotMeasured(job.Run, job.Step, "a newer snapshot took its place"));
        }

        return dropped;
    }

    private void OnForget(Forget forget)
    {
        if (_warm.Remove(forget.Run, out CurvatureProbe? probe))
        {
            probe.Dispose();
        }
        else if (_working.Values.Any(job => job.Run == forget.Run))
        {
            _forgotten.Add(forget.Run);
        }
    }

    /// <summary>
    /// Measure a snapshot of this node. The pool takes over the lease. Answered once: by Measured, by KindsMeasured when
    /// lambda1 was not asked for, or by NotMeasured.
    /// </summary>
    public sealed record Measure(
        string Run, RunSpecification Specification, int Step, ProbePolicy Policy, SnapshotBuffer Snapshot)
        : INoSerializationVerificationNeeded
    {
        /// <summary>Whether lambda1 is wanted.</summary>
        public bool Lambda1 { get; init; } = true;

        /// <summary>What else is.</summary>
        public IReadOnlyList<KindRequest> Kinds { get; init; } = [];
    }

    /// <summary>
    /// Measure a stored snapshot from a cold start, so that the value depends on the snapshot alone and not on
    /// what happened to be measured before: a remedy may rest on it. Never dropped. Where curvature is off it is answered by
    /// RateSearched.
    /// </summary>
    public sealed record MeasureStored(string Run, RunSpecification Specification, int Step, SnapshotReference Snapshot) : IWireMessage;

    /// <summary>lambda1, and what was measured beside it.</summary>
    public sealed record Measured(string Run, CurvatureMeasurement Measurement) : IWireMessage
    {
        /// <summary>The other kinds, failed ones too.</summary>
        public IReadOnlyList<KindMeasurement> Kinds { get; init; } = [];
    }

    /// <summary>What forward passes say of a stored snapshot.</summary>
    public sealed record RateSearched(string Run, CriticalRateMeasurement Measurement) : IWireMessage;

    /// <summary>What was measured where lambda1 was not asked for; failed kinds too.</summary>
    public sealed record KindsMeasured(string Run, IReadOnlyList<KindMeasurement> Kinds);

    /// <summary>There will be no value.</summary>
    public sealed record NotMeasured(string Run, int Step, string Reason) : IWireMessage
    {
        /// <summary>The stored snapshot, where it is missing or damaged; otherwise null.</summary>
        public SnapshotReference? Unusable { get; init; }

        /// <summary>Whether the stored snapshot could not be read: it may be later.</summary>
        public bool ReadLater { get; init; }
    }

    /// <summary>Give up what waits for a run.</summary>
    public sealed record Cancel(string Run) : INoSerializationVerificationNeeded;

    /// <summary>The run has left its device: its warm start is not needed any more.</summary>
    public sealed record Forget(string Run) : INoSerializationVerificationNeeded;

    private sealed record Job(
        string Run,
        RunSpecification Specification,
        int Step,
        SnapshotBuffer? Buffer,
        SnapshotReference? Stored,
        bool Lambda1,
        IReadOnlyList<KindRequest> Kinds,
        IActorRef ReplyTo)
    {
        /// <summary>When a probe began with it.</summary>
        public long Started { get; init; }
    }

    private sealed record LookForHung : INotInfluenceReceiveTimeout
    {
        public static LookForHung Instance { get; } = new();
    }
}
