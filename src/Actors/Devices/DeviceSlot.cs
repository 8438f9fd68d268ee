using Akka.Actor;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Sweeps;

namespace CurvatureActors.Actors.Devices;

/// <summary>
/// One device of a node: tells the sweep that it is there and hosts at most one trainer, the one of the newest
/// claim. An order of an older claim of the same run is refused.
/// </summary>
internal sealed class DeviceSlot : ReceiveActor, IWithTimers, IWithUnboundedStash
{
    /// <summary>Registration is repeated, so a sweep that starts or moves later learns of the device too.</summary>
    private static readonly TimeSpan RegistrationInterval = TimeSpan.FromSeconds(5);

    private readonly NodeServices _services;
    private readonly string _device;
    private readonly ICanTell _sweep;
    private readonly Dictionary<string, long> _epochs = [];
    private (string? Run, long Epoch, int Attempt) _current;
    private IActorRef? _trainer;

    public DeviceSlot(NodeServices services, string device, ICanTell sweep)
    {
        _services = services;
        _device = device;
        _sweep = sweep;
        Receive<Register>(_ => _sweep.Tell(new SweepProtocol.RegisterDevice(_services.Node, _device, Self, _services.Processor), Self));
        Receive<StartTrainer>(OnStart);
        Receive<ProbePool.MeasureStored>(_services.Probes.Forward);
        Receive<Terminated>(ended =>
        {
            if (ended.ActorRef.Equals(_trainer))
            {
                _trainer = null;
                Stash.UnstashAll();
            }
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public IStash Stash { get; set; } = null!;

    public static Props Props(NodeServices services, string device, ICanTell sweep) =>
        Akka.Actor.Props.Create(() => new DeviceSlot(services, device, sweep));

    protected override void PreStart() =>
        Timers.StartPeriodicTimer(Register.Instance, Register.Instance, TimeSpan.Zero, RegistrationInterval);

    /// <summary>A trainer that throws is not restarted here: its supervisor decides from which snapshot to go on.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => SupervisorStrategies.Stop;

    private void OnStart(StartTrainer order)
    {
        long newest = _epochs.GetValueOrDefault(order.Run);
        if (order.Epoch < newest)
        {
            order.Supervisor.Tell(new TrainerFailed(
                order.Run, order.Epoch, $"claim {order.Epoch} of the run is older than claim {newest}", UserCode: false));
            return;
        }

        if (_trainer is not null && (order.Run, order.Epoch, order.Attempt) == _current)
        {
            order.Supervisor.Tell(new TrainerStarted(order.Run, order.Epoch, order.Attempt, _trainer));
            return;
        }

        if (_trainer is not null)
        {
            Stash.Stash();
            Context.Stop(_trainer);
            return;
        }

        if (_current.Run is { } last && last != order.Run)
        {
            _services.Probes.Tell(new ProbePool.Forget(last));
        }

        _current = (order.Run, order.Epoch, order.Attempt);
        _epochs[order.Run] = order.Epoch;
        _trainer = Context.Watch(Context.ActorOf(
            Trainer.Props(order, _services, _device), $"trainer-{order.Run}-{order.Epoch}-{order.Attempt}"));
        order.Supervisor.Tell(new TrainerStarted(order.Run, order.Epoch, order.Attempt, _trainer));
    }

    private sealed record Register
    {
        public static Register Instance { get; } = new();
    }
}
