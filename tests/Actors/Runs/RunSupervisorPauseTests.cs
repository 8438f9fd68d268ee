using Akka.Actor;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Sweeps;
using CurvatureActors.Actors.Tests.Journal;

namespace CurvatureActors.Actors.Tests.Runs;

/// <summary>Ctrl-C, whatever the run is doing.</summary>
public sealed class RunSupervisorPauseTests : SupervisorFixture
{
    private const string Run = "0123456789ab";

    [Fact]
    public async Task Given_a_pause_while_training_the_trainer_makes_a_snapshot_and_the_run_pauses_there()
    {
        IActorRef supervisor = Supervise(Samples.Run);
        StartTrainer order = await AssignedAsync(supervisor);
        Commit(order, 0, 20);

        await PauseAsync(supervisor);
        await PausesAsync(order, 33);

        // And goes on from there, under a new claim.
        order = await AssignedAsync(supervisor);
        Assert.Equal((2, 1, $"{Run}/1-33.snapshot"), (order.Epoch, order.Attempt, order.StartFrom?.File));
    }

    [Fact]
    public async Task Given_a_pause_before_the_trainer_has_started_it_is_paused_when_it_has()
    {
        IActorRef supervisor = Supervise(Samples.Run);
        Assign(supervisor);
        StartTrainer order = await NextAsync<StartTrainer>(Slot);

        await PauseAsync(supervisor);
        Begin(order, Trainer);

        await PausesAsync(order, 0);
    }

    [Fact]
    public async Task Given_a_pause_while_the_claim_is_written_the_run_pauses()
    {
        JournalGate.Hold hold = Gate.HoldBack<RunClaimed>();
        IActorRef supervisor = Supervise(Samples.Run);
        Assign(supervisor);
        await hold.Reached;
        await PauseAsync(supervisor);
        hold.Release();

        await PausesAsync(await ExpectStartAsync(), 0);
    }

    [Fact]
    public async Task Given_a_pause_while_divergence_is_written_the_next_attempt_pauses_at_once()
    {
        // With nothing to measure, the remedy follows the verdict at once.
        IActorRef supervisor = Supervise(Samples.Planned(Run, "sample", Samples.Specification.WithRecovery(
            recovery => recovery with { Ladder = ["warmup"] })));
        StartTrainer order = await AssignedAsync(supervisor);
        Commit(order, 0, 20, 40);
        JournalGate.Hold hold = Gate.HoldBack<DivergenceDetected>();
        Diverge(order, Samples.BlowUp(45));
        await hold.Reached;
        await PauseAsync(supervisor);
        hold.Release();

        order = await ExpectStartAsync();
        Assert.Equal((2, 20), (order.Attempt, order.FromStep));
        await PausesAsync(order, 20);
    }

    [Fact]
    public async Task Given_a_pause_while_a_remedy_is_measured_the_remedy_is_recorded_and_nothing_started()
    {
        PlannedRun run = Samples.Planned(Run, "sample", Samples.Specification.WithRecovery(
            recovery => recovery with { Ladder = ["lower-rate"] }));
        IActorRef supervisor = Supervise(run);
        StartTrainer order = await AssignedAsync(supervisor);
        Commit(order, 0, 20, 40);
        Diverge(order, Samples.BlowUp(45));
        await NextAsync<ProbePool.MeasureStored>(Slot);

        await PauseAsync(supervisor);
        Slot.Reply(new ProbePool.Measured(Run, Samples.Measurement(20, 16)));

        Assert.Equal(RunStatus.Paused, (await ExpectReleaseAsync()).Status);
        Assert.Equal(new RunPaused(20, Samples.At), (await JournalAsync())[^1]);
        await ExpectNothingSoFarAsync(Slot);

        order = await AssignedAsync(supervisor);
        Assert.Equal((2, 2, 0.0625), (order.Epoch, order.Attempt, order.Plan.PeakLearningRate));
        Assert.Equal($"{Run}/1-20.snapshot", order.StartFrom?.File);
    }

    [Fact]
    public async Task Given_a_pause_that_comes_too_late_the_run_is_completed()
    {
        IActorRef supervisor = Supervise(Samples.Run);
        StartTrainer order = await AssignedAsync(supervisor);
        Commit(order, 0);

        await PauseAsync(supervisor);
        await NextAsync<PauseTrainer>(Trainer);
        Report(order, new AttemptFinished(Run, 1, 1, Samples.Evaluated, "abc"));

        Assert.Equal(RunStatus.Completed, (await ExpectReleaseAsync()).Status);
    }

    /// <summary>Sends a pause and waits until it lies in the supervisor's mailbox.</summary>
    private static Task PauseAsync(IActorRef supervisor)
    {
        supervisor.Tell(new RunSupervisor.Pause());
        return PassAsync(supervisor);
    }

    private async Task PausesAsync(StartTrainer order, int step)
    {
        await NextAsync<PauseTrainer>(Trainer);
        Commit(order, step, anchor: step % 20 == 0);
        Report(order, new AttemptPaused(Run, order.Epoch, order.Attempt, step));

        Assert.Equal(new SweepProtocol.RunReleased(Run, RunStatus.Paused, TimeSpan.Zero, step), await ExpectReleaseAsync());
        Assert.Equal(new RunPaused(step, Samples.At), (await JournalAsync())[^1]);
    }
}
