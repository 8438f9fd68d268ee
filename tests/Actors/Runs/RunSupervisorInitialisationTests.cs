using Akka.Actor;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Monitoring;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Snapshots;

namespace CurvatureActors.Actors.Tests.Runs;

/// <summary>A run in a phase of its initialisation, as its supervisor sees it.</summary>
public sealed class RunSupervisorInitialisationTests : SupervisorFixture
{
    private const string Run = "0123456789ab";

    [Fact]
    public async Task Given_progress_of_a_phase_then_the_monitor_is_told_until_training_begins()
    {
        StartTrainer order = await AssignedAsync(Supervise(Samples.Run));
        Report(order, new InitialisationReported(Run, order.Epoch, 1, "metainit", 37, 100));
        RunProgress progress = await FirstAsync<RunProgress>(Monitor);
        Assert.Equal(new PhaseProgress("metainit", 37, 100), progress.Phase);
        Assert.Equal((0, 100), (progress.Step, progress.Steps));

        Report(order, new StepsTrained(Run, order.Epoch, 1, [], null));
        Assert.Null((await FirstAsync<RunProgress>(Monitor)).Phase);
    }

    [Fact]
    public async Task Given_a_phase_longer_than_the_patience_then_its_progress_is_a_sign_of_life()
    {
        IActorRef supervisor = Supervise(Samples.Run, hangAfter: TimeSpan.FromSeconds(2));
        StartTrainer order = await AssignedAsync(supervisor);
        for (int step = 1; step <= 3; step++)
        {
            Time.Now += TimeSpan.FromSeconds(1.5);
            Report(order, new InitialisationReported(Run, order.Epoch, 1, "metainit", step, 100));
            await PassAsync(supervisor);
            await FirstAsync<AreYouAlive>(Trainer);
        }

        await ExpectNothingSoFarAsync(SweepProbe);
    }

    [Fact]
    public async Task Given_a_crash_in_a_phase_then_the_run_goes_on_from_the_phase_and_later_from_step_0()
    {
        IActorRef supervisor = Supervise(Samples.Run);
        StartTrainer order = await AssignedAsync(supervisor);
        Assert.Null(order.StartFrom);
        CommitPhase(order, 20);
        CommitPhase(order, 40);
        Assert.Equal([Phase(20)], await RemovedAsync());

        order = await AgainAsync(supervisor, order);
        Assert.Equal((Phase(40), 0), (order.StartFrom?.File, order.FromStep));

        Commit(order, 0, anchor: true);
        Assert.Equal([Phase(40)], await RemovedAsync());

        // A write that was tried again and came late is of no use any more.
        CommitPhase(order, 60);
        Assert.Equal([Phase(60)], await RemovedAsync());
        order = await AgainAsync(supervisor, order);
        Assert.Equal(Samples.Snapshot(1, 0).File, order.StartFrom?.File);
    }

    [Fact]
    public async Task Given_a_damaged_snapshot_of_a_phase_then_the_initialisation_is_made_again()
    {
        StartTrainer order = await AssignedAsync(Supervise(Samples.Run));
        CommitPhase(order, 20);
        Report(order, new SnapshotUnusable(Run, order.Epoch, new SnapshotReference(Phase(20), "digest", 3), "it is damaged"));
        Assert.Null((await ExpectStartAsync()).StartFrom);
    }

    [Fact]
    public void A_snapshot_of_a_phase_is_never_a_target_of_a_rollback()
    {
        RunState state = RunState.New
            .Apply(new RunClaimed(1, "host", "cpu:0", Samples.At))
            .Apply(new AttemptStarted(1, 0, Samples.FirstPlan, Samples.At))
            .Apply(Committed(20));
        Assert.Equal(Phase(20), state.NewestSnapshot?.File);
        Assert.Null(state.RollbackTarget(Samples.BlowUp(5), Samples.Specification));
        Assert.Equal(
            Samples.Snapshot(1, 0),
            state.Apply(Samples.Snapshot(1, 0)).Apply(Committed(40)).RollbackTarget(Samples.BlowUp(5), Samples.Specification));
    }

    private static string Phase(int step) => SnapshotFolder.FileOf(Run, 1, 0, new("metainit", step));

    private static SnapshotCommitted Committed(int step) => new(1, 0, Anchor: false, Phase(step), "digest", 3, Samples.At);

    private void CommitPhase(StartTrainer order, int step) => Report(order, new SnapshotStored(
        Run, order.Epoch, 1, 0, false, Phase(step) + ".staged", new SnapshotReference(Phase(step), "digest", 3)));

    private async Task<IReadOnlyList<string>> RemovedAsync()
    {
        SnapshotStore.Remove remove;
        do
        {
            remove = await FirstAsync<SnapshotStore.Remove>(Store);
        }
        while (remove.Files.Count == 0);
        return remove.Files;
    }

    private async Task<StartTrainer> AgainAsync(IActorRef supervisor, StartTrainer order)
    {
        Report(order, new TrainerFailed(Run, order.Epoch, "out of memory", UserCode: false));
        await ExpectReleaseAsync();
        return await AssignedAsync(supervisor);
    }
}
