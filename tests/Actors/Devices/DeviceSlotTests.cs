using Akka.Actor;
using Akka.Actor.Dsl;
using Akka.TestKit;
using CurvatureActors.Actors.Devices;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Sweeps;
using CurvatureActors.Actors.Tests.Hosting;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Tests.Devices;

/// <summary>
/// With real trainers among probes. The store never answers, so a trainer that has started waits for it and stays.
/// </summary>
public sealed class DeviceSlotTests : NodeTest
{
    private readonly TestProbe _sweep;
    private readonly TestProbe _supervisor;
    private readonly TestProbe _probes;
    private readonly NodeServices _services;
    private readonly IActorRef _slot;

    public DeviceSlotTests()
        : base("""akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit" """)
    {
        _sweep = CreateTestProbe();
        _supervisor = CreateTestProbe();
        _probes = CreateTestProbe();
        _services = new NodeServices(
            "host", Sink(), new SnapshotFolder("not-used"), Sink(), CreateTestProbe())
        {
            Processor = "Zen 4, AVX512",
        };
        _slot = Sys.ActorOf(DeviceSlot.Props(_services, "cpu:1", _sweep));
    }

    private TestScheduler Clock => (TestScheduler)Sys.Scheduler;

    [Fact]
    public async Task Given_time_then_the_device_registers_again_and_again()
    {
        for (int time = 0; time < 3; time++)
        {
            // The timer is set once the slot answers.
            await _slot.Ask<ActorIdentity>(new Identify(null), Patience, Cancellation);
            Clock.Advance(TimeSpan.FromSeconds(time == 0 ? 0.001 : 5));
            SweepProtocol.RegisterDevice device = await FishAsync<SweepProtocol.RegisterDevice>(_sweep);
            Assert.Equal(new SweepProtocol.RegisterDevice("host", "cpu:1", _slot, "Zen 4, AVX512"), device);
        }
    }

    [Fact]
    public async Task Given_a_new_order_then_the_old_trainer_has_ended_before_the_new_one_starts()
    {
        IActorRef first = await StartAsync("run", epoch: 1);
        IActorRef second = await StartAsync("other", epoch: 1);
        Assert.True(HasEnded(first));
        IActorRef third = await StartAsync("other", epoch: 2);
        Assert.True(HasEnded(second));
        Assert.False(HasEnded(third));
    }

    [Fact]
    public async Task Given_an_order_of_another_run_then_the_probes_forget_the_run_before_it()
    {
        await StartAsync("run", epoch: 1);
        await StartAsync("run", epoch: 2);
        await StartAsync("other", epoch: 1);

        Assert.Equal("run", (await FishAsync<ProbePool.Forget>(_probes)).Run);
    }

    [Fact]
    public async Task Given_many_orders_at_once_then_the_last_one_has_the_device_alone()
    {
        for (long epoch = 1; epoch <= 5; epoch++)
        {
            _slot.Tell(Order("run", epoch));
        }

        List<IActorRef> trainers = [];
        do
        {
            trainers.Add((await NextStartAsync()).Trainer);
            Assert.All(trainers[..^1], trainer => Assert.True(HasEnded(trainer)));
        }
        while (!trainers[^1].Path.Name.StartsWith("trainer-run-5-", StringComparison.Ordinal));

        Assert.False(HasEnded(trainers[^1]));
    }

    [Fact]
    public async Task Given_an_order_of_an_older_claim_then_it_is_refused_and_the_trainer_stays()
    {
        IActorRef trainer = await StartAsync("run", epoch: 3);

        _slot.Tell(Order("run", epoch: 2));

        TrainerFailed refused = await FishAsync<TrainerFailed>(_supervisor, failed => failed.Epoch == 2);
        Assert.False(refused.UserCode);
        Assert.Contains("older than claim 3", refused.Reason, StringComparison.Ordinal);
        await _slot.Ask<ActorIdentity>(new Identify(null), Patience, Cancellation);
        Assert.False(HasEnded(trainer));

        // Claims are counted run by run.
        await StartAsync("other", epoch: 1);
        Assert.True(HasEnded(trainer));
    }

    [Fact]
    public async Task Given_a_trainer_that_fails_then_its_supervisor_hears_why_and_the_device_is_free()
    {
        _slot.Tell(Order("run", epoch: 1, SmallExperiment.RunWithoutData()));
        TrainerFailed failed = await FishAsync<TrainerFailed>(_supervisor);
        Assert.True(failed.UserCode);
        Assert.False(HasEnded(await StartAsync("run", epoch: 2)));
    }

    /// <summary>A store or probe pool that gives leases back and passes on what it is to forget.</summary>
    private IActorRef Sink() => Sys.ActorOf(actor =>
    {
        actor.Receive<SnapshotStore.Write>((write, _) => write.Snapshot.Dispose());
        actor.Receive<ProbePool.Measure>((measure, _) => measure.Snapshot.Dispose());
        actor.Receive<ProbePool.Forget>((forget, _) => _probes.Tell(forget));
        actor.ReceiveAny((_, _) => { });
    });

    private static bool HasEnded(IActorRef actor) => ((ActorRefWithCell)actor).Underlying.IsTerminated;

    private async Task<IActorRef> StartAsync(string run, long epoch)
    {
        _slot.Tell(Order(run, epoch));
        TrainerStarted started = await NextStartAsync();
        Assert.Equal((run, epoch), (started.Run, started.Epoch));
        return started.Trainer;
    }

    private Task<TrainerStarted> NextStartAsync() => FishAsync<TrainerStarted>(_supervisor);

    private StartTrainer Order(string run, long epoch, RunSpecification? specification = null)
    {
        specification ??= SmallExperiment.Run();
        return new StartTrainer(
            run, epoch, Attempt: 1, FromStep: 0, specification, TrainingPlan.Initial(specification),
            RunPolicy.Of(SmallExperiment.Load("probe.enabled=off")).Observation, StartFrom: null, _supervisor);
    }
}
