using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Sweeps;
using CurvatureActors.Actors.Tests.Journal;
using CurvatureActors.Training.Divergence;

namespace CurvatureActors.Actors.Tests.Runs;

/// <summary>A supervisor among probes: the test is its sweep, its device, its trainer and its node.</summary>
public abstract class SupervisorFixture : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    protected SupervisorFixture(string overrides = "")
        : base(
            ConfigurationFactory.ParseString(overrides)
                .WithFallback(HeldJournal.Configuration)
                .WithFallback(ConfigurationFactory.ParseString("akka.test.single-expect-default = 20s"))
                .WithFallback(AkkaReference.Config),
            "test")
    {
        SweepProbe = CreateTestProbe("sweep-probe");
        Slot = CreateTestProbe("slot");
        Trainer = CreateTestProbe("trainer");
        Store = CreateTestProbe("store");
        Monitor = CreateTestProbe("monitor");
        Services = new CoordinatorServices(
            Sys.ActorOf(Akka.Actor.Props.Create(() => new Publisher(Store.Ref)), "publisher"), Monitor);
    }

    internal TestProbe SweepProbe { get; }

    internal TestProbe Slot { get; }

    internal TestProbe Trainer { get; }

    /// <summary>Gets what the store is told, but for what is published, which succeeds at once.</summary>
    internal TestProbe Store { get; }

    internal TestProbe Monitor { get; }

    internal CoordinatorServices Services { get; }

    internal ManualTime Time { get; } = new();

    internal JournalGate Gate => JournalGate.Of(Sys);

    /// <summary>The supervisor, reached through a parent that hands its words to <see cref="SweepProbe"/>.</summary>
    internal IActorRef Supervise(PlannedRun run, TimeSpan? hangAfter = null)
    {
        RunPolicy policy = RunPolicy.Of(Samples.Experiment(run));
        policy = hangAfter is { } silence ? policy with { HangAfter = silence } : policy;
        return Sys.ActorOf(Akka.Actor.Props.Create(() => new Family(
            RunSupervisor.Props(run, policy, Services, Time), SweepProbe.Ref)));
    }

    /// <summary>Ends a supervisor as a crash of the process would, and waits until it is gone.</summary>
    internal static Task EndAsync(IActorRef supervisor) => supervisor.GracefulStop(Patience);

    internal void Assign(IActorRef supervisor) => supervisor.Tell(new RunSupervisor.Assign("host", "cpu:0", Slot));

    internal async Task<StartTrainer> AssignedAsync(IActorRef supervisor)
    {
        Assign(supervisor);
        return await ExpectStartAsync();
    }

    /// <summary>The order to train, answered by a trainer that has started.</summary>
    internal async Task<StartTrainer> ExpectStartAsync()
    {
        StartTrainer order = await NextAsync<StartTrainer>(Slot);
        Begin(order, Trainer);
        return order;
    }

    internal static void Begin(StartTrainer order, IActorRef trainer) =>
        order.Supervisor.Tell(new TrainerStarted(order.Run, order.Epoch, order.Attempt, trainer), trainer);

    internal void Report(StartTrainer order, ITrainerReport report) => order.Supervisor.Tell(report, Trainer);

    internal void Commit(StartTrainer order, params int[] steps)
    {
        foreach (int step in steps)
        {
            Commit(order, step, anchor: true);
        }
    }

    internal void Commit(StartTrainer order, int step, bool anchor)
    {
        SnapshotCommitted snapshot = Samples.Snapshot(order.Attempt, step);
        Report(order, new SnapshotStored(
            order.Run, order.Epoch, order.Attempt, step, anchor, $"{snapshot.File}.staged",
            new SnapshotReference(snapshot.File, snapshot.Sha256, snapshot.Bytes)));
    }

    internal void Diverge(StartTrainer order, DivergenceVerdict verdict) =>
        Report(order, new AttemptDiverged(order.Run, order.Epoch, order.Attempt, verdict));

    /// <summary>Answers the question for the curvature of a stored snapshot, which must be the next message.</summary>
    internal async Task MeasuredAsync(int step, string file, double lambda1)
    {
        ProbePool.MeasureStored asked = await NextAsync<ProbePool.MeasureStored>(Slot);
        Assert.Equal((step, $"{Samples.Run.Run}/{file}.snapshot"), (asked.Step, asked.Snapshot.File));
        Slot.Reply(new ProbePool.Measured(Samples.Run.Run, Samples.Measurement(step, lambda1)));
    }

    internal Task<SweepProtocol.RunReleased> ExpectReleaseAsync() =>
        NextAsync<SweepProtocol.RunReleased>(SweepProbe);

    /// <summary>What the journal holds of the run.</summary>
    internal Task<IReadOnlyList<IJournalEvent>> JournalAsync() => EventLog.ReadAsync(Sys, "run-" + Samples.Run.Run);

    /// <summary>Writes what an earlier life decided.</summary>
    internal Task WriteAsync(params IRunEvent[] history) =>
        EventLog.WriteAsync(Sys, "run-" + Samples.Run.Run, [.. history]);

    /// <summary>Nothing was sent to the probe that is not yet expected: what is sent now comes next.</summary>
    internal static async Task ExpectNothingSoFarAsync(TestProbe probe)
    {
        probe.Ref.Tell("sentinel");
        await probe.ExpectMsgAsync("sentinel");
    }

    /// <summary>The next message, which must be of this type.</summary>
    internal static async Task<T> NextAsync<T>(TestProbe probe) =>
        await probe.ExpectMsgAsync<T>(cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>The first message of this type, whatever came before it.</summary>
    internal static async Task<T> FirstAsync<T>(TestProbe probe) => (T)await probe.FishForMessageAsync(
        message => message is T, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>An actor answers this after the message it works on, but without waiting for the journal.</summary>
    internal static Task PassAsync(IActorRef actor) => actor.Ask<ActorIdentity>(
        new Identify(null), TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

    private sealed class Publisher : ReceiveActor
    {
        public Publisher(IActorRef store)
        {
            Receive<SnapshotStore.Publish>(publish => Sender.Tell(new SnapshotStore.Published(publish.Staged)));
            ReceiveAny(store.Forward);
        }
    }

    private sealed class Family : ReceiveActor
    {
        public Family(Props child, IActorRef sweep)
        {
            IActorRef supervisor = Context.Watch(Context.ActorOf(child, "supervisor"));
            Receive<Terminated>(_ => Context.Stop(Self));
            ReceiveAny(message => (Sender.Equals(supervisor) ? sweep : supervisor).Forward(message));
        }

        protected override SupervisorStrategy SupervisorStrategy() => SupervisorStrategies.Stop;
    }
}
