using Akka.Actor;
using Akka.TestKit;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Sweeps;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Recovery;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Tests.Runs;

/// <summary>A supervisor that comes back decides as the one before it would have.</summary>
public sealed class RunSupervisorRecoveryTests : SupervisorFixture
{
    private const string Run = "0123456789ab";

    /// <summary>Two restarts, both with lower-rate: half of 2 / lambda1, a quarter of the present rate at most.</summary>
    private static readonly PlannedRun Planned = Samples.Planned(Run, "sample", Samples.Specification.WithRecovery(
        recovery => recovery with { Ladder = ["lower-rate"], Budget = 2 }));

    private static readonly TrainingPlan Lowered = new(0.0625, WarmupFrom: 0, WarmupSteps: 0, ClipNorm: null);

    private static readonly IRunEvent[] Diverged =
    [
        new RunClaimed(1, "host", "cpu:0", Samples.At), new AttemptStarted(1, 0, Samples.FirstPlan, Samples.At),
        Samples.Snapshot(1, 0), Samples.Snapshot(1, 20), Samples.Snapshot(1, 40),
        new DivergenceDetected(1, Samples.BlowUp(45), Samples.At),
    ];

    private static readonly IRunEvent Measured =
        new CurvatureMeasured(1, "remedy of restart 1", Samples.Measurement(20, 16), Samples.At);

    private static readonly IRunEvent Chosen =
        new RemedyChosen(1, 20, new RemedyDecision("lower-rate", Lowered, "half of what is stable", 16), Samples.At);

    public enum Phase
    {
        DivergenceDetected,
        CurvatureMeasured,
        RemedyChosen,
        AttemptStarted,
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Given_curvature_off_then_forward_passes_are_asked_and_journaled_before_the_remedy(bool afterACrash)
    {
        PlannedRun unprobed = Samples.Planned(Run, "sample", Planned.Specification with
        {
            Curvature = Planned.Specification.Curvature with { Enabled = false },
        });
        var searched = new CriticalRateMeasured(1, new CriticalRateMeasurement(20, 0.125), Samples.At);
        await WriteAsync(afterACrash ? [.. Diverged, searched] : Diverged);

        Assign(Supervise(unprobed));
        if (!afterACrash)
        {
            Assert.Equal(20, (await NextAsync<ProbePool.MeasureStored>(Slot)).Step);
            // What nobody asked for any more does not count.
            Slot.Reply(new ProbePool.RateSearched(Run, searched.Measurement with { Step = 40, Rate = 1e-9 }));
            Slot.Reply(new ProbePool.RateSearched(Run, searched.Measurement));
        }

        // Half of 0.125.
        StartTrainer order = await ExpectStartAsync();
        Assert.Equal((2, 20, Lowered), (order.Attempt, order.FromStep, order.Plan));
        IReadOnlyList<IJournalEvent> journal = await JournalAsync();
        Assert.Equal(searched.Measurement, Assert.Single(journal.OfType<CriticalRateMeasured>()).Measurement);
        RemedyDecision decision = Assert.Single(journal.OfType<RemedyChosen>()).Decision;
        Assert.Equal((RateBasis.ForwardPasses, null), (decision.RateBy, decision.Lambda1));
    }

    [Theory]
    [InlineData(Phase.DivergenceDetected)]
    [InlineData(Phase.CurvatureMeasured)]
    [InlineData(Phase.RemedyChosen)]
    [InlineData(Phase.AttemptStarted)]
    public async Task Given_a_crash_after_each_decision_the_same_attempt_follows_and_no_restart_is_refunded(Phase last)
    {
        await WriteAsync(last switch
        {
            Phase.DivergenceDetected => Diverged,
            Phase.CurvatureMeasured => [.. Diverged, Measured],
            Phase.RemedyChosen => [.. Diverged, Measured, Chosen],
            _ => [.. Diverged, Measured, Chosen, new AttemptStarted(2, 20, Lowered, Samples.At)],
        });

        Assign(Supervise(Planned));
        if (last == Phase.DivergenceDetected)
        {
            await MeasuredAsync(20, "1-20", 16);
        }

        StartTrainer order = await ExpectStartAsync();
        await ExpectNothingSoFarAsync(Slot);
        Assert.Equal((2, 2, 20, Lowered), (order.Epoch, order.Attempt, order.FromStep, order.Plan));
        Assert.Equal($"{Run}/1-20.snapshot", order.StartFrom?.File);

        // One restart is left.
        // It is condemned where the first attempt was: back further.
        Diverge(order, Samples.BlowUp(30));
        await MeasuredAsync(0, "1-0", 16);
        order = await ExpectStartAsync();
        Assert.Equal((3, 0), (order.Attempt, order.FromStep));
        Diverge(order, Samples.BlowUp(30));

        Assert.Equal(RunStatus.Diverged, (await ExpectReleaseAsync()).Status);
        IReadOnlyList<IJournalEvent> journal = await JournalAsync();
        Assert.Equal([1, 2], journal.OfType<RemedyChosen>().Select(chosen => chosen.Restart));
        Assert.Equal([1, 2, 3], journal.OfType<AttemptStarted>().Select(started => started.Attempt));
    }

    [Fact]
    public async Task Given_a_supervisor_that_dies_while_a_remedy_is_measured_the_next_one_asks_again()
    {
        IActorRef first = Supervise(Planned);
        StartTrainer order = await AssignedAsync(first);
        Commit(order, 0, 20, 40);
        Diverge(order, Samples.BlowUp(45));
        await NextAsync<ProbePool.MeasureStored>(Slot);
        await EndAsync(first);

        Assign(Supervise(Planned));
        await MeasuredAsync(20, "1-20", 16);

        order = await ExpectStartAsync();
        Assert.Equal((2, 2, 20, Lowered), (order.Epoch, order.Attempt, order.FromStep, order.Plan));
    }

    [Fact]
    public async Task Given_a_snapshot_that_a_remedy_wants_measured_and_that_cannot_be_read_it_is_asked_for_again_and_nothing_is_rejected()
    {
        StartTrainer order = await AssignedAsync(Supervise(Planned));
        Commit(order, 0, 10, 20, 40);
        Diverge(order, Samples.BlowUp(45));
        for (int again = 0; again < 2; again++)
        {
            Assert.Equal(20, (await NextAsync<ProbePool.MeasureStored>(Slot)).Step);
            Slot.Reply(new ProbePool.NotMeasured(Run, 20, "the disk does not answer") { ReadLater = true });
        }

        await MeasuredAsync(20, "1-20", 16);

        order = await ExpectStartAsync();
        Assert.Equal((2, 20, Lowered), (order.Attempt, order.FromStep, order.Plan));
        IReadOnlyList<IJournalEvent> journal = await JournalAsync();
        Assert.Empty(journal.OfType<SnapshotRejected>());
        Assert.Empty(journal.OfType<TrainerLost>());
    }

    [Fact]
    public async Task Given_a_snapshot_that_cannot_be_read_for_longer_than_the_patience_then_storage_has_failed()
    {
        TestProbe failures = CreateTestProbe();
        Sys.EventStream.Subscribe(failures, typeof(StorageFailed));
        StartTrainer order = await AssignedAsync(Supervise(Planned));
        Commit(order, 0, 10, 20, 40);
        Diverge(order, Samples.BlowUp(45));
        await NextAsync<ProbePool.MeasureStored>(Slot);
        Slot.Reply(new ProbePool.NotMeasured(Run, 20, "the disk does not answer") { ReadLater = true });
        await NextAsync<ProbePool.MeasureStored>(Slot);
        Time.Now += TimeSpan.FromHours(1);
        Slot.Reply(new ProbePool.NotMeasured(Run, 20, "the disk does not answer") { ReadLater = true });

        Assert.Contains("does not answer", (await NextAsync<StorageFailed>(failures)).Message, StringComparison.Ordinal);
        Assert.Empty((await JournalAsync()).OfType<SnapshotRejected>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Given_a_damaged_snapshot_that_a_remedy_wants_measured_it_is_made_again_and_the_remedy_is_the_same(
        bool crash)
    {
        IActorRef supervisor = Supervise(Planned);
        StartTrainer order = await AssignedAsync(supervisor);
        Commit(order, 0, 10, 20, 40);
        Diverge(order, Samples.BlowUp(45));
        ProbePool.MeasureStored asked = await NextAsync<ProbePool.MeasureStored>(Slot);
        Slot.Reply(new ProbePool.NotMeasured(Run, 20, "a byte is wrong") { Unusable = asked.Snapshot });

        // The same attempt, from before the damaged snapshot: not from the intact one after it, which would not bring it back.
        order = await ExpectStartAsync();
        if (crash)
        {
            await EndAsync(supervisor);
            order = await AssignedAsync(Supervise(Planned));
        }

        Assert.Equal((1, 0, Samples.FirstPlan), (order.Attempt, order.FromStep, order.Plan));
        Assert.Equal($"{Run}/1-10.snapshot", order.StartFrom?.File);
        Commit(order, 20, 40);
        Diverge(order, Samples.BlowUp(45));
        await MeasuredAsync(20, "1-20", 16);

        order = await ExpectStartAsync();
        Assert.Equal((2, 20, Lowered), (order.Attempt, order.FromStep, order.Plan));
        Assert.Equal($"{Run}/1-20.snapshot", order.StartFrom?.File);
        IReadOnlyList<IJournalEvent> journal = await JournalAsync();
        Assert.Equal([20], journal.OfType<SnapshotRejected>().Select(rejected => rejected.Step));
        Assert.Empty(journal.OfType<TrainerLost>());
        Assert.Equal(1, Assert.Single(journal.OfType<RemedyChosen>()).Restart);
    }

    [Fact]
    public async Task Given_a_crash_while_training_the_attempt_goes_on_from_its_newest_snapshot()
    {
        IActorRef first = Supervise(Planned);
        StartTrainer order = await AssignedAsync(first);
        Commit(order, 0, 20, 40);
        order.Supervisor.Tell(new ProbePool.Measured(Run, Samples.Measurement(7, 7)));
        Report(order, new AttemptPaused(Run, 0, 1, 0));
        await NextAsync<TrainerFenced>(Trainer);
        await EndAsync(first);

        order = await AssignedAsync(Supervise(Planned));

        Assert.Equal((2, 1, 0, Samples.FirstPlan), (order.Epoch, order.Attempt, order.FromStep, order.Plan));
        Assert.Equal($"{Run}/1-40.snapshot", order.StartFrom?.File);
    }

    public static TheoryData<RunStatus> TerminalStates =>
        [RunStatus.Completed, RunStatus.Diverged, RunStatus.Failed, RunStatus.Stopped];

    [Theory]
    [MemberData(nameof(TerminalStates))]
    public async Task Given_a_run_that_has_ended_another_device_trains_nothing(RunStatus status)
    {
        IRunEvent[] history =
        [
            new RunClaimed(1, "host", "cpu:0", Samples.At), new AttemptStarted(1, 0, Samples.FirstPlan, Samples.At),
            Samples.Snapshot(1, 0),
            status switch
            {
                RunStatus.Completed => new RunCompleted(100, Samples.Evaluated, "abc", Samples.At),
                RunStatus.Diverged => new RunDiverged(5, "diverged", Samples.At),
                RunStatus.Failed => new RunFailed("failed", Samples.At),
                _ => new RunStopped(0, Samples.At),
            },
        ];
        await WriteAsync(history);

        Assign(Supervise(Planned));

        Assert.Equal(new SweepProtocol.RunReleased(Run, status, TimeSpan.Zero), await ExpectReleaseAsync());
        await ExpectNothingSoFarAsync(Slot);
        Assert.Equal(history, await JournalAsync());
    }

    [Fact]
    public async Task Given_a_journal_that_cannot_be_written_the_decision_is_not_acted_on_and_the_node_is_told()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(StorageFailed));
        IActorRef supervisor = Supervise(Samples.Planned(Run, "sample", Samples.Specification.WithRecovery(
            recovery => recovery with { Ladder = ["warmup"] })));
        StartTrainer order = await AssignedAsync(supervisor);
        Commit(order, 0);
        Watch(supervisor);
        Gate.Fail<RemedyChosen>();

        Diverge(order, Samples.BlowUp(5));

        StorageFailed failed = await ExpectMsgAsync<StorageFailed>(
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains("the disk is full", failed.Message, StringComparison.Ordinal);
        await ExpectTerminatedAsync(supervisor, cancellationToken: TestContext.Current.CancellationToken);
        await ExpectNothingSoFarAsync(Slot);
    }

    [Fact]
    public async Task Given_a_journal_that_cannot_be_read_the_node_is_told()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(StorageFailed));
        await WriteAsync(Diverged);
        Gate.Unreadable = true;

        Assign(Supervise(Samples.Run));

        StorageFailed failed = await ExpectMsgAsync<StorageFailed>(
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains("the disk is gone", failed.Message, StringComparison.Ordinal);
        await ExpectNothingSoFarAsync(Slot);
    }
}
