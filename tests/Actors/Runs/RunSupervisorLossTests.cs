using Akka.Actor;
using Akka.TestKit;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Sweeps;

namespace CurvatureActors.Actors.Tests.Runs;

/// <summary>Trainers and devices that are lost, and those that come back when nobody wants them.</summary>
public sealed class RunSupervisorLossTests : SupervisorFixture
{
    private const string Run = "0123456789ab";

    [Fact]
    public async Task Given_a_report_of_an_older_claim_it_is_refused_and_its_trainer_told_to_end()
    {
        await WriteAsync(
            new RunClaimed(1, "host", "cpu:1", Samples.At), new AttemptStarted(1, 0, Samples.FirstPlan, Samples.At));
        StartTrainer order = await AssignedAsync(Supervise(Samples.Run));
        IReadOnlyList<IJournalEvent> before = await JournalAsync();
        TestProbe stale = CreateTestProbe("stale");

        ITrainerReport[] reports =
        [
            new AttemptFinished(Run, 1, 1, Samples.Evaluated, "abc"),
            new AttemptDiverged(Run, 1, 1, Samples.BlowUp(5)),
            new AttemptPaused(Run, 1, 1, 5),
            new TrainerFailed(Run, 1, "late", UserCode: true),
            new StepsTrained(Run, 1, 1, [], null),
            new CurvatureReported(Run, 1, 1, Samples.Measurement(0, 1), 0),
        ];
        foreach (ITrainerReport report in reports)
        {
            order.Supervisor.Tell(report, stale);
            Assert.Equal(new TrainerFenced(2), await NextAsync<TrainerFenced>(stale));
        }

        order.Supervisor.Tell(new TrainerStarted(Run, 1, 1, stale));
        Assert.Equal(new TrainerFenced(2), await NextAsync<TrainerFenced>(stale));
        Assert.Equal(before, await JournalAsync());
        await ExpectNothingSoFarAsync(SweepProbe);
    }

    [Fact]
    public async Task Given_trainers_that_vanish_the_run_waits_longer_each_time_and_fails_after_too_many()
    {
        IActorRef supervisor = Supervise(Samples.Run);
        foreach (double seconds in new[] { 0.25, 0.5, 1 })
        {
            await LoseAsync(supervisor);
            Assert.Equal(
                new SweepProtocol.RunReleased(Run, RunStatus.Pending, TimeSpan.FromSeconds(seconds)),
                await ExpectReleaseAsync());
        }

        // The experiment allows three in a row.
        await LoseAsync(supervisor);

        Assert.Equal(new SweepProtocol.RunReleased(Run, RunStatus.Failed, TimeSpan.Zero), await ExpectReleaseAsync());
        IReadOnlyList<IJournalEvent> journal = await JournalAsync();
        Assert.Equal([1, 2, 3, 4], journal.OfType<TrainerLost>().Select(lost => lost.Epoch));
        Assert.IsType<RunFailed>(journal[^1]);
    }

    [Fact]
    public async Task Given_losses_with_new_snapshots_between_them_the_run_goes_on_without_end()
    {
        IActorRef supervisor = Supervise(Samples.Run);
        for (int loss = 0; loss < 8; loss++)
        {
            StartTrainer order = await AssignedAsync(supervisor);
            Commit(order, loss);
            Report(order, new TrainerFailed(Run, order.Epoch, "killed", UserCode: false));
            Assert.Equal(
                new SweepProtocol.RunReleased(Run, RunStatus.Pending, TimeSpan.FromSeconds(0.25), loss),
                await ExpectReleaseAsync());
        }
    }

    [Fact]
    public async Task Given_a_trainer_that_does_not_answer_it_hangs_and_the_run_is_placed_again()
    {
        IActorRef supervisor = Supervise(Samples.Run, hangAfter: TimeSpan.FromSeconds(2));
        await AssignedAsync(supervisor);
        await FirstAsync<AreYouAlive>(Trainer);
        Time.Now += TimeSpan.FromSeconds(3);

        SweepProtocol.DeviceHung hung = await NextAsync<SweepProtocol.DeviceHung>(SweepProbe);
        Assert.Equal(Slot.Ref, hung.Slot);
        Assert.Contains("no word for 3 s", hung.Reason, StringComparison.Ordinal);
        Assert.Equal(RunStatus.Pending, (await ExpectReleaseAsync()).Status);
        Assert.Equal(hung.Reason, Assert.IsType<TrainerLost>((await JournalAsync())[^1]).Reason);
    }

    [Fact]
    public async Task Given_a_trainer_whose_slices_are_slow_it_is_given_twenty_times_as_long()
    {
        IActorRef supervisor = Supervise(Samples.Run, hangAfter: TimeSpan.FromSeconds(2));
        StartTrainer order = await AssignedAsync(supervisor);
        await FirstAsync<AreYouAlive>(Trainer);
        order.Supervisor.Tell(new TrainerAlive(order.Epoch, TimeSpan.FromSeconds(10)), Trainer);
        await PassAsync(order.Supervisor);
        Time.Now += TimeSpan.FromSeconds(199);

        // It is asked again, so it was not given up.
        Trainer.Ref.Tell("from here");
        await FirstAsync<string>(Trainer);
        await FirstAsync<AreYouAlive>(Trainer);
        Time.Now += TimeSpan.FromSeconds(2);
        await NextAsync<SweepProtocol.DeviceHung>(SweepProbe);
    }

    [Fact]
    public async Task Given_an_order_that_was_lost_it_is_sent_again()
    {
        Assign(Supervise(Samples.Run, hangAfter: TimeSpan.FromSeconds(2)));
        StartTrainer lost = await NextAsync<StartTrainer>(Slot);

        Assert.Equal(lost, await NextAsync<StartTrainer>(Slot));
    }

    [Fact]
    public async Task Given_a_lost_trainer_the_next_one_goes_on_from_the_newest_snapshot_under_a_new_claim()
    {
        IActorRef supervisor = Supervise(Samples.Run);
        StartTrainer order = await AssignedAsync(supervisor);
        Commit(order, 0, 20);
        Report(order, new TrainerFailed(Run, 1, "the disk hiccuped", UserCode: false));
        await ExpectReleaseAsync();

        order = await AssignedAsync(supervisor);

        Assert.Equal((2, 1, 0), (order.Epoch, order.Attempt, order.FromStep));
        Assert.Equal($"{Run}/1-20.snapshot", order.StartFrom?.File);
    }

    [Fact]
    public async Task Given_more_errors_of_the_training_code_than_allowed_the_run_fails()
    {
        IActorRef supervisor = Supervise(Samples.Run);
        StartTrainer order = await AssignedAsync(supervisor);
        Report(order, new TrainerFailed(Run, 1, "shape error", UserCode: true));
        Assert.Equal(RunStatus.Pending, (await ExpectReleaseAsync()).Status);

        order = await AssignedAsync(supervisor);
        Report(order, new TrainerFailed(Run, 2, "shape error again", UserCode: true));

        Assert.Equal(RunStatus.Failed, (await ExpectReleaseAsync()).Status);
        Assert.Equal(new RunFailed("shape error again", Samples.At), (await JournalAsync())[^1]);
    }

    [Fact]
    public async Task Given_a_trainer_whose_last_word_overtakes_its_first_it_is_lost_once()
    {
        IActorRef supervisor = Supervise(Samples.Run);
        Assign(supervisor);
        StartTrainer order = await NextAsync<StartTrainer>(Slot);

        Report(order, new TrainerFailed(Run, 1, "no data", UserCode: false));
        Begin(order, Trainer);

        Assert.Equal(new TrainerFenced(1), await NextAsync<TrainerFenced>(Trainer));
        await ExpectReleaseAsync();
        await ExpectNothingSoFarAsync(SweepProbe);
        Assert.Single((await JournalAsync()).OfType<TrainerLost>());
    }

    [Fact]
    public async Task Given_a_device_that_is_lost_before_its_trainer_started_the_run_is_placed_again()
    {
        IActorRef supervisor = Supervise(Samples.Run);
        Assign(supervisor);
        await NextAsync<StartTrainer>(Slot);

        Sys.Stop(Slot);

        Assert.Equal(
            new SweepProtocol.RunReleased(Run, RunStatus.Pending, TimeSpan.FromSeconds(0.25)), await ExpectReleaseAsync());
    }

    [Fact]
    public async Task Given_a_device_that_is_lost_while_a_remedy_is_measured_the_value_is_asked_for_again()
    {
        PlannedRun run = Samples.Planned(Run, "sample", Samples.Specification.WithRecovery(
            recovery => recovery with { Ladder = ["lower-rate"] }));
        IActorRef supervisor = Supervise(run);
        StartTrainer order = await AssignedAsync(supervisor);
        Commit(order, 0);
        Diverge(order, Samples.BlowUp(5));
        await NextAsync<ProbePool.MeasureStored>(Slot);

        Sys.Stop(Slot);
        Assert.Equal(RunStatus.Pending, (await ExpectReleaseAsync()).Status);
        Slot.Reply(new ProbePool.Measured(Run, Samples.Measurement(0, 16)));
        TestProbe other = CreateTestProbe("other");
        supervisor.Tell(new RunSupervisor.Assign("host", "cpu:1", other));
        await NextAsync<ProbePool.MeasureStored>(other);
        other.Reply(new ProbePool.Measured(Run, Samples.Measurement(0, 16)));

        order = await NextAsync<StartTrainer>(other);
        Assert.Equal((2, 2, 0.0625), (order.Epoch, order.Attempt, order.Plan.PeakLearningRate));
    }

    /// <summary>A trainer starts and ends without a word.</summary>
    private async Task LoseAsync(IActorRef supervisor)
    {
        Assign(supervisor);
        StartTrainer order = await NextAsync<StartTrainer>(Slot);
        TestProbe trainer = CreateTestProbe();
        Begin(order, trainer);
        Sys.Stop(trainer);
    }
}
