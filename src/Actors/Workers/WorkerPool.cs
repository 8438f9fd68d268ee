using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Monitoring;
using CurvatureActors.Actors.Sweeps;

namespace CurvatureActors.Actors.Workers;

/// <summary>
/// Starts the worker processes and keeps them going: one that ends is taken out of the cluster at once, so that its runs
/// go on elsewhere, and started again with back-off; one that the cluster has given up while its process lives (it was
/// stopped, or hangs) is replaced, and killed if it does not end itself.
/// </summary>
internal sealed class WorkerPool : ReceiveActor, IWithTimers
{
    private readonly WorkerProgram _program;
    private readonly TimeSpan _grace;
    private readonly IActorRef _sweep;
    private readonly IActorRef _monitor;
    private readonly TimeProvider _time;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly Dictionary<string, Worker> _workers;
    private readonly HashSet<WorkerProcess> _stale = [];
    private bool _ending;

    /// <param name="program">How a worker is started.</param>
    /// <param name="grace">How long a process may outlive its membership before it is killed.</param>
    /// <param name="invitations">One a worker.</param>
    /// <param name="sweep">Hears of workers that are lost.</param>
    /// <param name="monitor">Hears what happens.</param>
    /// <param name="time">The clock.</param>
    public WorkerPool(
        WorkerProgram program,
        TimeSpan grace,
        IReadOnlyList<WorkerInvitation> invitations,
        IActorRef sweep,
        IActorRef monitor,
        TimeProvider time)
    {
        _program = program;
        _grace = grace;
        _sweep = sweep;
        _monitor = monitor;
        _time = time;
        _workers = invitations.ToDictionary(invitation => invitation.Name, invitation => new Worker(invitation));
        Receive<ClusterEvent.MemberUp>(up => OnUp(up.Member));
        Receive<ClusterEvent.MemberRemoved>(removed => OnRemoved(removed.Member));
        Receive<ClusterEvent.IMemberEvent>(_ => { });
        Receive<Exited>(exited => OnExited(exited.Process));
        Receive<Start>(start => StartProcess(_workers[start.Worker]));
        Receive<Replace>(OnReplace);
        Receive<KillStale>(kill => kill.Process.Kill());
        Receive<End>(OnEnd);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(
        WorkerProgram program,
        TimeSpan grace,
        IReadOnlyList<WorkerInvitation> invitations,
        IActorRef sweep,
        IActorRef monitor,
        TimeProvider time) =>
        Akka.Actor.Props.Create(() => new WorkerPool(program, grace, invitations, sweep, monitor, time));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(Replace));
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));
        foreach (Worker worker in _workers.Values)
        {
            StartProcess(worker);
        }
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        KillAll();
    }

    private void KillAll()
    {
        _ending = true;
        foreach (WorkerProcess process in _workers.Values.Select(worker => worker.Process).OfType<WorkerProcess>().Concat(_stale))
        {
            process.Kill();
        }
    }

    /// <summary>Their work is done: that they go is no loss, and nothing is to be said of it.</summary>
    private void OnEnd(End end)
    {
        Timers.CancelAll();
        KillAll();
        Sender.Tell(end);
    }

    private void StartProcess(Worker worker)
    {
        IActorRef self = Self;
        try
        {
            worker.Restarts.Started();
            worker.Process = WorkerProcess.Start(_program, worker.Invitation, process => self.Tell(new Exited(process)));
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            GiveUp(worker, error.Message);
        }
    }

    private void OnUp(Member member)
    {
        if (Of(member) is { } worker)
        {
            worker.Address = member.Address;
            worker.Restarts.Joined();
        }
    }

    private void OnExited(WorkerProcess process)
    {
        using WorkerProcess ended = process;
        if (_stale.Remove(process) || _ending)
        {
            return;
        }

        Worker worker = _workers.Values.Single(worker => worker.Process == process);
        worker.Process = null;
        string end = process.End();
        _sweep.Tell(new SweepProtocol.NodeLost(worker.Invitation.Name, $"its worker ended: {end}"));
        if (worker.Address is { } address)
        {
            _cluster.Down(address);
            worker.Address = null;
        }

        if (worker.Restarts.Ended(process.WasKilled) is not { } wait)
        {
            GiveUp(worker, end);
            return;
        }

        Say(worker, $"ended ({end}) and is started again");
        Timers.StartSingleTimer(worker.Invitation.Name, new Start(worker.Invitation.Name), wait);
    }

    /// <summary>The cluster has given up a worker whose process lives.</summary>
    private void OnRemoved(Member member)
    {
        if (_ending || Of(member) is not { } worker || worker.Address is not { } address || !address.Equals(member.Address)
            || worker.Process is not { } process)
        {
            return;
        }

        Say(worker, "no longer answers and is replaced");
        worker.Process = null;
        worker.Address = null;
        _stale.Add(process);
        Timers.StartSingleTimer(process, new KillStale(process), _grace);
        StartProcess(worker);
    }

    private void OnReplace(Replace replace)
    {
        if (!_ending && _workers.TryGetValue(replace.Worker, out Worker? worker) && worker.Process is { } process)
        {
            Say(worker, $"is killed and replaced: {replace.Reason}");
            process.Kill();
        }
    }

    private static void GiveUp(Worker worker, string reason) => Context.System.EventStream.Publish(new StorageFailed(
        $"{worker.Invitation.Name} could not be started: {reason}"));

    private Worker? Of(Member member) => _workers.Values.FirstOrDefault(worker => member.HasRole(worker.Invitation.Name));

    private void Say(Worker worker, string text)
    {
        Context.GetLogger().Warning("{0} {1}", worker.Invitation.Name, text);
        _monitor.Tell(new WorkerNotice(worker.Invitation.Name, text, _time.GetUtcNow()));
    }

    /// <summary>End all workers, and start no other; sent back when that is done.</summary>
    public sealed record End : INoSerializationVerificationNeeded;

    /// <summary>Kill a worker and start another in its place.</summary>
    public sealed record Replace(string Worker, string Reason) : INoSerializationVerificationNeeded;

    private sealed record Exited(WorkerProcess Process) : INoSerializationVerificationNeeded;

    private sealed record Start(string Worker) : INoSerializationVerificationNeeded;

    private sealed record KillStale(WorkerProcess Process) : INoSerializationVerificationNeeded;

    private sealed class Worker(WorkerInvitation invitation)
    {
        public WorkerInvitation Invitation { get; } = invitation;

        public WorkerProcess? Process { get; set; }

        public Address? Address { get; set; }

        public WorkerRestarts Restarts { get; } = new();
    }
}
