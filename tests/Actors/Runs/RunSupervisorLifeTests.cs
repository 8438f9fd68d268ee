using Akka.Actor;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Monitoring;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Sweeps;
using CurvatureActors.Actors.Tests.Journal;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Tests.Runs;

public sealed class RunSupervisorLifeTests : SupervisorFixture
{
    private const string Run = "0123456789ab";

    [Fact]
    public async Task Given_a_device_a_new_run_starts_its_first_attempt_from_initialisation()
    {
        StartTrainer order = await AssignedAsync(Supervise(Samples.Run));

        Assert.Equal((Run, 1, 1, 0), (order.Run, order.Epoch, order.Attempt, order.FromStep));
        Assert.Equal(Samples.Specification, order.Specification);
        Assert.Equal(Samples.FirstPlan, order.Plan);
        Assert.Null(order.StartFrom);
    }

    [Fact]
    public async Task Given_a_healthy_run_it_is_trained_to_completion()
    {
        CurvatureMeasurement first = Samples.Measurement(0, 3);
        CurvatureMeasurement last = Samples.Measurement(100, 4);
        StartTrainer order = await AssignedAsync(Supervise(Samples.Run));

        Commit(order, 0);
        Report(order, new CurvatureReported(Run, 1, 1, first, 0));
        Report(order, new StepsTrained(Run, 1, 1, [new StepMetrics(0, 2.3, 0.1, 1, 0.5, Clipped: false)], null));
        Commit(order, 20, 40, 60, 80);
        Report(order, new CurvatureReported(Run, 1, 1, Samples.Measurement(80, 9), 0));
        Commit(order, 100);
        Report(order, new CurvatureReported(Run, 1, 1, last, 0));
        Report(order, new AttemptFinished(Run, 1, 1, Samples.Evaluated, "parameters"));

        Assert.Equal(
            new SweepProtocol.RunReleased(Run, RunStatus.Completed, TimeSpan.Zero, 100), await ExpectReleaseAsync());
        Assert.Equal(
            [
                new RunClaimed(1, "host", "cpu:0", Samples.At),
                new AttemptStarted(1, 0, Samples.FirstPlan, Samples.At),
                Samples.Snapshot(1, 0),
                new CurvatureMeasured(1, "initialisation", first, Samples.At),
                Samples.Snapshot(1, 20), Samples.Snapshot(1, 40), Samples.Snapshot(1, 60), Samples.Snapshot(1, 80),
                Samples.Snapshot(1, 100),
                new CurvatureMeasured(1, "end", last, Samples.At),
                new RunCompleted(100, Samples.Evaluated, "parameters", Samples.At),
            ],
            await JournalAsync());
    }

    [Fact]
    public async Task Given_another_kind_of_processor_than_before_it_is_in_the_journal_and_announced()
    {
        IActorRef supervisor = Supervise(Samples.Run);
        foreach ((string? kind, int life) in new[] { null, "Zen 4, AVX512", "Zen 4, AVX512", null, "Haswell, AVX2" }.Select((kind, index) => (kind, index + 1)))
        {
            supervisor.Tell(new RunSupervisor.Assign("host", "cpu:0", Slot, kind));
            StartTrainer order = await ExpectStartAsync();
            Commit(order, 20 * life, anchor: true);
            Report(order, new AttemptPaused(Run, life, 1, 20 * life));
            await ExpectReleaseAsync();
        }

        IRunEvent[] journal = [.. (await JournalAsync()).Cast<IRunEvent>()];
        Assert.Equal(
            [null, "Zen 4, AVX512", "Zen 4, AVX512", null, "Haswell, AVX2"],
            journal.OfType<RunClaimed>().Select(claimed => claimed.Processor));
        Assert.Equal(["Zen 4, AVX512", "Haswell, AVX2"], journal.Aggregate(RunState.New, (state, e) => state.Apply(e)).Processors);
        string[] expected =
        [
            "paused at step 20", "paused at step 40", "paused at step 60", "paused at step 80",
            "was trained on Zen 4, AVX512 before and goes on on Haswell, AVX2: the same bits are not promised", "paused at step 100",
        ];
        foreach (string text in expected)
        {
            Assert.Equal(text, (await FirstAsync<RunNotice>(Monitor)).Text);
        }
    }

    [Fact]
    public async Task Given_snapshots_that_no_rollback_needs_their_files_are_removed()
    {
        StartTrainer order = await AssignedAsync(Supervise(Samples.Run));
        Commit(order, 0, 20, 40, 60, 80, 100);
        Report(order, new AttemptFinished(Run, 1, 1, Samples.Evaluated, "parameters"));
        await ExpectReleaseAsync();

        List<string> removed = [];
        while (removed.Count < 4)
        {
            removed.AddRange((await NextAsync<SnapshotStore.Remove>(Store)).Files);
        }

        await ExpectNothingSoFarAsync(Store);
        // The two newest stay, as the experiment asks.
        Assert.Equal([$"{Run}/1-0.snapshot", $"{Run}/1-20.snapshot", $"{Run}/1-40.snapshot", $"{Run}/1-60.snapshot"], removed.Order());
    }

    [Fact]
    public async Task Given_divergence_the_next_attempt_starts_only_when_remedy_and_attempt_are_in_the_journal()
    {
        StartTrainer order = await AssignedAsync(Supervise(Samples.Run));
        Commit(order, 0, 20, 40);
        JournalGate.Hold hold = Gate.HoldBack<RemedyChosen>();
        Diverge(order, Samples.BlowUp(45));
        await MeasuredAsync(step: 20, "1-20", lambda1: 1);
        await hold.Reached;

        // Answered only after the supervisor has done all it does before the journal confirms.
        await PassAsync(order.Supervisor);
        await ExpectNothingSoFarAsync(Slot);

        hold.Release();
        StartTrainer next = await ExpectStartAsync();
        IReadOnlyList<IJournalEvent> journal = await JournalAsync();
        var plan = new TrainingPlan(0.5, WarmupFrom: 20, WarmupSteps: 30, ClipNorm: null);

        Assert.Equal(new DivergenceDetected(1, Samples.BlowUp(45), Samples.At), journal[^4]);
        Assert.IsType<CurvatureMeasured>(journal[^3]);
        RemedyChosen chosen = Assert.IsType<RemedyChosen>(journal[^2]);
        Assert.Equal((1, 20, "warmup", plan), (chosen.Restart, chosen.FromStep, chosen.Decision.Remedy, chosen.Decision.Plan));
        Assert.Equal(new AttemptStarted(2, 20, plan, Samples.At), journal[^1]);
        Assert.Equal((1, 2, 20, plan), (next.Epoch, next.Attempt, next.FromStep, next.Plan));
        Assert.Equal(new SnapshotReference($"{Run}/1-20.snapshot", "sha-1-20", 1020), next.StartFrom);
    }

    [Fact]
    public async Task Given_divergence_again_and_again_the_ladder_is_climbed_until_the_budget_is_used_up()
    {
        StartTrainer order = await AssignedAsync(Supervise(Samples.Run));
        Commit(order, 0, 20, 40);
        Diverge(order, Samples.BlowUp(45));

        // Gradient descent is stable up to 2 / lambda1: the peak rate of 0.5 is not hopeless.
        await MeasuredAsync(step: 20, "1-20", lambda1: 1);
        order = await ExpectStartAsync();
        Assert.Equal((2, 20, new TrainingPlan(0.5, 20, 30, null)), (order.Attempt, order.FromStep, order.Plan));
        Commit(order, 40, 60);
        Diverge(order, Samples.BlowUp(65));

        // Clipped at the healthy gradient norm that the verdict carries.
        await MeasuredAsync(step: 40, "2-40", lambda1: 1);
        order = await ExpectStartAsync();
        Assert.Equal((3, 40, new TrainingPlan(0.5, 20, 30, 2.5)), (order.Attempt, order.FromStep, order.Plan));
        Commit(order, 60);
        Diverge(order, Samples.BlowUp(61));

        // Where it was condemned already, so twice as far back as the start of the attempt, 21 steps. Stable is up to 2 / 16.
        await MeasuredAsync(step: 0, "1-0", lambda1: 16);
        order = await ExpectStartAsync();
        Assert.Equal((4, 0, new TrainingPlan(0.0625, 0, 30, 2.5)), (order.Attempt, order.FromStep, order.Plan));
        Diverge(order, Samples.BlowUp(41));

        Assert.Equal(
            new SweepProtocol.RunReleased(Run, RunStatus.Diverged, TimeSpan.Zero, 0), await ExpectReleaseAsync());
        IReadOnlyList<IJournalEvent> journal = await JournalAsync();
        Assert.Equal([1, 2, 3], journal.OfType<RemedyChosen>().Select(chosen => chosen.Restart));
        Assert.Equal(41, Assert.IsType<RunDiverged>(journal[^1]).Step);
        await ExpectNothingSoFarAsync(Slot);
    }

    [Fact]
    public async Task Given_recovery_is_off_the_first_divergence_ends_the_run()
    {
        RunSpecification off = Samples.Specification.WithRecovery(recovery => recovery with { Enabled = false });
        StartTrainer order = await AssignedAsync(Supervise(Samples.Planned(Run, "sample", off)));
        Commit(order, 0);

        Diverge(order, Samples.BlowUp(7));

        Assert.Equal(RunStatus.Diverged, (await ExpectReleaseAsync()).Status);
        Assert.Equal(new RunDiverged(7, "the loss exploded at 7", Samples.At), (await JournalAsync())[^1]);
        await ExpectNothingSoFarAsync(Slot);
    }

    [Fact]
    public async Task Given_a_remedy_that_wants_curvature_it_waits_for_the_value_at_the_rollback_snapshot()
    {
        StartTrainer order = await AssignedAsync(Supervise(LowerRate()));
        Commit(order, 0, 20, 40);
        Diverge(order, Samples.BlowUp(45));

        ProbePool.MeasureStored asked = await NextAsync<ProbePool.MeasureStored>(Slot);
        await ExpectNothingSoFarAsync(Slot);
        Assert.Equal((Run, 20), (asked.Run, asked.Step));
        Assert.Equal(new SnapshotReference($"{Run}/1-20.snapshot", "sha-1-20", 1020), asked.Snapshot);

        CurvatureMeasurement measurement = Samples.Measurement(20, 16);
        order.Supervisor.Tell(new ProbePool.Measured(Run, measurement));

        Assert.Equal(new TrainingPlan(0.0625, 0, 0, null), (await ExpectStartAsync()).Plan);
        IReadOnlyList<IJournalEvent> journal = await JournalAsync();
        Assert.Equal(new CurvatureMeasured(1, "remedy of restart 1", measurement, Samples.At), journal[^3]);
        Assert.Equal(16, Assert.IsType<RemedyChosen>(journal[^2]).Decision.Lambda1);
    }

    [Fact]
    public async Task Given_curvature_is_off_and_forward_passes_set_no_limit_the_remedy_does_without()
    {
        RunSpecification off = LowerRate().Specification;
        off = off with { Curvature = off.Curvature with { Enabled = false } };
        StartTrainer order = await AssignedAsync(Supervise(Samples.Planned(Run, "sample", off)));
        Commit(order, 0);

        Diverge(order, Samples.BlowUp(7));
        await NextAsync<ProbePool.MeasureStored>(Slot);
        Slot.Reply(new ProbePool.RateSearched(Run, new CriticalRateMeasurement(0, null)));

        // A quarter of 0.5, the fallback.
        Assert.Equal(new TrainingPlan(0.125, 0, 0, null), (await ExpectStartAsync()).Plan);
        await ExpectNothingSoFarAsync(Slot);
    }

    [Fact]
    public async Task Given_the_curvature_cannot_be_measured_the_run_is_placed_again_and_asks_again()
    {
        IActorRef supervisor = Supervise(LowerRate());
        StartTrainer order = await AssignedAsync(supervisor);
        Commit(order, 0);
        Diverge(order, Samples.BlowUp(7));
        await NextAsync<ProbePool.MeasureStored>(Slot);

        Slot.Reply(new ProbePool.NotMeasured(Run, 0, "out of memory"));

        Assert.Equal(
            new SweepProtocol.RunReleased(Run, RunStatus.Pending, TimeSpan.FromSeconds(0.25)), await ExpectReleaseAsync());
        Assert.Contains("out of memory", Assert.IsType<TrainerLost>((await JournalAsync())[^1]).Reason, StringComparison.Ordinal);

        Assign(supervisor);
        await MeasuredAsync(step: 0, "1-0", lambda1: 16);
        Assert.Equal(new TrainingPlan(0.0625, 0, 0, null), (await ExpectStartAsync()).Plan);
    }

    [Fact]
    public async Task Given_divergence_and_rescue_whoever_watches_is_told()
    {
        StartTrainer order = await AssignedAsync(Supervise(Samples.Run));
        Commit(order, 0);
        Diverge(order, Samples.BlowUp(7));
        await MeasuredAsync(step: 0, "1-0", lambda1: 1);
        await ExpectStartAsync();

        RunNotice diverged = await FirstAsync<RunNotice>(Monitor);
        RunNotice restarted = await FirstAsync<RunNotice>(Monitor);

        Assert.StartsWith("diverged at step 7 (blow-up)", diverged.Text, StringComparison.Ordinal);
        Assert.StartsWith("restart 1 of 3 from step 0 with warmup", restarted.Text, StringComparison.Ordinal);
    }

    private static PlannedRun LowerRate() => Samples.Planned(
        Run, "sample", Samples.Specification.WithRecovery(recovery => recovery with { Ladder = ["lower-rate"] }));
}
