using Akka.Actor;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Monitoring;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Sweeps;
using CurvatureActors.Actors.Tests.Journal;

namespace CurvatureActors.Actors.Tests.Runs;

/// <summary>Ending a run for good, whatever it is doing.</summary>
public sealed class RunSupervisorCancelTests : SupervisorFixture
{
    private const string Run = "0123456789ab";

    private static PlannedRun WithLowerRate => Samples.Planned(Run, "sample", Samples.Specification.WithRecovery(
        recovery => recovery with { Ladder = ["lower-rate"] }));

    [Fact]
    public async Task Given_a_run_that_never_began_it_is_stopped_at_once()
    {
        Cancel(Supervise(Samples.Run));

        await StoppedAsync(0);
        Assert.Equal([new RunStopped(0, Samples.At)], await JournalAsync());
    }

    [Fact]
    public async Task Given_a_run_that_an_earlier_life_paused_it_is_stopped_where_it_paused()
    {
        await WriteAsync(
            new RunClaimed(1, "host", "cpu:0", Samples.At), new AttemptStarted(1, 0, Samples.FirstPlan, Samples.At),
            Samples.Snapshot(1, 33, anchor: false), new RunPaused(33, Samples.At));

        Cancel(Supervise(Samples.Run));

        await StoppedAsync(33);
    }

    [Fact]
    public async Task Given_a_cancel_while_training_the_trainer_makes_a_snapshot_first()
    {
        IActorRef supervisor = Supervise(Samples.Run);
        StartTrainer order = await AssignedAsync(supervisor);
        Commit(order, 0, 20);

        Cancel(supervisor);
        await NextAsync<PauseTrainer>(Trainer);
        await ExpectNothingSoFarAsync(SweepProbe);
        Commit(order, 33, anchor: false);
        Report(order, new AttemptPaused(Run, 1, 1, 33));

        await StoppedAsync(33);
        Assert.Equal(Samples.Snapshot(1, 33, anchor: false), (await JournalAsync())[^2]);
    }

    [Fact]
    public async Task Given_a_cancel_before_the_trainer_has_started_it_ends_when_it_has()
    {
        IActorRef supervisor = Supervise(Samples.Run);
        Assign(supervisor);
        StartTrainer order = await NextAsync<StartTrainer>(Slot);
        Cancel(supervisor);
        Begin(order, Trainer);

        await NextAsync<PauseTrainer>(Trainer);
        Commit(order, 0);
        Report(order, new AttemptPaused(Run, 1, 1, 0));

        await StoppedAsync(0);
    }

    [Fact]
    public async Task Given_a_cancel_while_it_pauses_the_run_is_stopped_and_not_paused()
    {
        IActorRef supervisor = Supervise(Samples.Run);
        StartTrainer order = await AssignedAsync(supervisor);
        supervisor.Tell(new RunSupervisor.Pause());
        Cancel(supervisor);
        await PassAsync(supervisor);
        Commit(order, 7, anchor: false);
        Report(order, new AttemptPaused(Run, 1, 1, 7));

        await StoppedAsync(7);
        Assert.Empty((await JournalAsync()).OfType<RunPaused>());
    }

    [Fact]
    public async Task Given_a_cancel_while_a_remedy_is_measured_the_run_is_stopped_at_once_and_stays_so()
    {
        IActorRef supervisor = Supervise(WithLowerRate);
        StartTrainer order = await AssignedAsync(supervisor);
        Commit(order, 0, 20, 40);
        Diverge(order, Samples.BlowUp(45));
        await NextAsync<ProbePool.MeasureStored>(Slot);

        Cancel(supervisor);
        await StoppedAsync(40);

        // What was measured comes too late.
        Slot.Reply(new ProbePool.Measured(Run, Samples.Measurement(20, 16)));
        await PassAsync(supervisor);
        Assert.Equal(new RunStopped(40, Samples.At), (await JournalAsync())[^1]);
        await ExpectNothingSoFarAsync(Slot);
    }

    [Fact]
    public async Task Given_divergence_instead_of_the_pause_that_a_cancel_asks_for_no_remedy_is_chosen()
    {
        IActorRef supervisor = Supervise(Samples.Run);
        StartTrainer order = await AssignedAsync(supervisor);
        Commit(order, 0, 20, 40);
        Cancel(supervisor);
        await NextAsync<PauseTrainer>(Trainer);

        Diverge(order, Samples.BlowUp(45));

        await StoppedAsync(40);
        Assert.Empty((await JournalAsync()).OfType<RemedyChosen>());
    }

    [Fact]
    public async Task Given_a_cancel_while_a_snapshot_is_published_it_is_heard_afterwards()
    {
        IActorRef supervisor = Supervise(Samples.Run);
        StartTrainer order = await AssignedAsync(supervisor);
        JournalGate.Hold hold = Gate.HoldBack<SnapshotCommitted>();
        Commit(order, 0);
        await hold.Reached;
        Cancel(supervisor);
        hold.Release();

        await NextAsync<PauseTrainer>(Trainer);
        Commit(order, 12, anchor: false);
        Report(order, new AttemptPaused(Run, 1, 1, 12));

        await StoppedAsync(12);
    }

    [Fact]
    public async Task Given_a_cancel_that_comes_too_late_the_run_is_completed()
    {
        IActorRef supervisor = Supervise(Samples.Run);
        StartTrainer order = await AssignedAsync(supervisor);
        Cancel(supervisor);
        await NextAsync<PauseTrainer>(Trainer);
        Report(order, new AttemptFinished(Run, 1, 1, Samples.Evaluated, "abc"));

        Assert.Equal(RunStatus.Completed, (await ExpectReleaseAsync()).Status);

        // And a run that has ended only says so again.
        Cancel(supervisor);
        Assert.Equal(RunStatus.Completed, (await ExpectReleaseAsync()).Status);
        Assert.Empty((await JournalAsync()).OfType<RunStopped>());
    }

    [Fact]
    public async Task Given_who_asks_then_the_journal_and_the_notice_say_it()
    {
        IActorRef supervisor = Supervise(Samples.Run);
        StartTrainer order = await AssignedAsync(supervisor);
        supervisor.Tell(new RunSupervisor.Pause("ann with curvature pause"));
        await NextAsync<PauseTrainer>(Trainer);
        Commit(order, 7, anchor: false);
        Report(order, new AttemptPaused(Run, 1, 1, 7));
        await ExpectReleaseAsync();
        Assert.Equal(new RunPaused(7, Samples.At) { By = "ann with curvature pause" }, (await JournalAsync())[^1]);

        // Another claim: who paused it before has nothing to do with what comes now.
        order = await AssignedAsync(supervisor);
        supervisor.Tell(new RunSupervisor.Pause());
        await NextAsync<PauseTrainer>(Trainer);
        Report(order, new AttemptPaused(Run, 2, 1, 7));
        await ExpectReleaseAsync();
        Assert.Equal(new RunPaused(7, Samples.At), (await JournalAsync())[^1]);

        supervisor.Tell(new RunSupervisor.Cancel("root with curvature cancel"));
        await ExpectReleaseAsync();
        Assert.Equal(new RunStopped(7, Samples.At) { By = "root with curvature cancel" }, (await JournalAsync())[^1]);
        string[] expected =
        [
            "paused at step 7, asked for by ann with curvature pause", "paused at step 7",
            "stopped for good at step 7, asked for by root with curvature cancel",
        ];
        foreach (string text in expected)
        {
            Assert.Equal(text, (await FirstAsync<RunNotice>(Monitor)).Text);
        }
    }

    private static void Cancel(IActorRef supervisor) => supervisor.Tell(new RunSupervisor.Cancel());

    private async Task StoppedAsync(int step)
    {
        Assert.Equal(
            new SweepProtocol.RunReleased(Run, RunStatus.Stopped, TimeSpan.Zero, step), await ExpectReleaseAsync());
        Assert.Equal(new RunStopped(step, Samples.At), (await JournalAsync())[^1]);
    }
}
