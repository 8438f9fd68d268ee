using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Training.Recovery;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Tests.Runs;

/// <summary>Histories and the states they lead to, both written by hand.</summary>
public class RunStateTests
{
    private static readonly TrainingPlan First = Samples.FirstPlan;
    private static readonly TrainingPlan Second = new(0.5, WarmupFrom: 20, WarmupSteps: 30, ClipNorm: null);
    private static readonly RemedyDecision Warmup = new("warmup", Second, "slower", Lambda1: null);

    [Fact]
    public void A_run_without_events_is_pending()
    {
        Assert.Equal(RunStatus.Pending, RunState.New.Status);
        Assert.Null(RunState.New.Attempt);
        Assert.Null(RunState.New.OpenVerdict);
        Assert.Null(RunState.New.NewestSnapshot);
        Assert.Equal(0, RunState.New.Epoch);
        Assert.Equal(0, RunState.New.Restarts);
    }

    [Fact]
    public void A_claim_and_an_attempt_make_it_run()
    {
        RunState state = After(
            new RunClaimed(1, "host", "cpu:1", Samples.At), new AttemptStarted(1, 0, First, Samples.At.AddSeconds(2)));

        Assert.Equal(RunStatus.Running, state.Status);
        Assert.Equal((1, "host", "cpu:1"), (state.Epoch, state.Node, state.Device));
        Assert.Equal(new AttemptState(1, 0, First), Assert.Single(state.Attempts));
        Assert.Equal((Samples.At, Samples.At.AddSeconds(2)), (state.FirstAt, state.LastAt));
    }

    [Fact]
    public void The_plans_of_the_history_are_those_of_the_attempts_that_trained_it()
    {
        var third = Second with { PeakLearningRate = 0.125 };
        var fourth = Second with { PeakLearningRate = 0.0625 };
        RunState state = After(
            new AttemptStarted(1, 0, First, Samples.At), new AttemptStarted(2, 20, Second, Samples.At),
            new AttemptStarted(3, 60, third, Samples.At));
        Assert.Equal([new PlanSegment(0, First), new PlanSegment(20, Second)], state.EarlierPlans);

        // Back to before the second attempt began: what it trained is gone.
        Assert.Equal(
            [new PlanSegment(0, First)], state.Apply(new AttemptStarted(4, 10, fourth, Samples.At)).EarlierPlans);
        Assert.Empty(state.Apply(new AttemptStarted(4, 0, fourth, Samples.At)).EarlierPlans);
    }

    /// <summary>A snapshot is committed, and an end told, once the rows of the steps before it are stored.</summary>
    [Fact]
    public void What_is_committed_says_how_far_telemetry_has_each_attempt()
    {
        RunState state = After(
            new RunClaimed(1, "host", "cpu:0", Samples.At), new AttemptStarted(1, 0, First, Samples.At), Samples.Snapshot(1, 0));
        Assert.Equal([0], state.Attempts.Select(attempt => attempt.StoredTo));

        state = state.Apply(Samples.Snapshot(1, 20)).Apply(new DivergenceDetected(1, Samples.BlowUp(33), Samples.At))
            .Apply(new RemedyChosen(1, 20, Warmup, Samples.At)).Apply(new AttemptStarted(2, 20, Second, Samples.At));
        Assert.Equal([33, 0], state.Attempts.Select(attempt => attempt.StoredTo));

        // Anchors of before the second's start that it made again, and then its own, the later one first.
        state = state.Apply(Samples.Snapshot(2, 0)).Apply(Samples.Snapshot(2, 60)).Apply(Samples.Snapshot(2, 40));
        Assert.Equal([33, 60], state.Attempts.Select(attempt => attempt.StoredTo));

        state = state.Apply(new RunCompleted(100, new Evaluation(100, 1, 0.5), "ab", Samples.At));
        Assert.Equal([33, 100], state.Attempts.Select(attempt => attempt.StoredTo));
    }

    [Fact]
    public void A_verdict_is_open_until_a_remedy_answers_it()
    {
        RunState diverged = After(
            new RunClaimed(1, "host", "cpu:0", Samples.At), new AttemptStarted(1, 0, First, Samples.At),
            Samples.Snapshot(1, 0), new DivergenceDetected(1, Samples.BlowUp(15), Samples.At));

        Assert.Equal(RunStatus.Recovering, diverged.Status);
        Assert.Equal(Samples.BlowUp(15), diverged.OpenVerdict);

        RunState answered = diverged.Apply(new RemedyChosen(1, 0, Warmup, Samples.At));

        Assert.Null(answered.OpenVerdict);
        Assert.Equal(1, answered.Restarts);
        Assert.Equal(new AttemptState(1, 0, First, Samples.BlowUp(15), Warmup, RolledBackTo: 0) { StoredTo = 15 }, answered.Attempt);
    }

    [Fact]
    public void A_claim_while_a_verdict_is_open_goes_on_recovering()
    {
        RunState state = After(
            new RunClaimed(1, "host", "cpu:0", Samples.At), new AttemptStarted(1, 0, First, Samples.At),
            new DivergenceDetected(1, Samples.BlowUp(15), Samples.At),
            new RunClaimed(2, "host", "cpu:1", Samples.At));

        Assert.Equal((RunStatus.Recovering, 2), (state.Status, state.Epoch));
    }

    [Fact]
    public void A_rollback_drops_the_snapshots_after_it()
    {
        RunState state = After(
            new RunClaimed(1, "host", "cpu:0", Samples.At), new AttemptStarted(1, 0, First, Samples.At),
            Samples.Snapshot(1, 0), Samples.Snapshot(1, 20), Samples.Snapshot(1, 40), Samples.Snapshot(1, 60),
            new DivergenceDetected(1, Samples.BlowUp(55), Samples.At), new RemedyChosen(1, 20, Warmup, Samples.At),
            new AttemptStarted(2, 20, Second, Samples.At));

        Assert.Equal([Samples.Snapshot(1, 0), Samples.Snapshot(1, 20)], state.Snapshots);
        Assert.Equal(Samples.Snapshot(1, 20), state.NewestSnapshot);
        Assert.Equal(new AttemptState(2, 20, Second), state.Attempt);
        Assert.Equal(RunStatus.Running, state.Status);
    }

    [Fact]
    public void A_step_trained_again_replaces_its_snapshot_and_keeps_the_order()
    {
        SnapshotCommitted again = Samples.Snapshot(1, 20) with { Sha256 = "again" };

        RunState state = After(
            new AttemptStarted(1, 0, First, Samples.At), Samples.Snapshot(1, 0), Samples.Snapshot(1, 20),
            Samples.Snapshot(1, 40), again);

        Assert.Equal([Samples.Snapshot(1, 0), again, Samples.Snapshot(1, 40)], state.Snapshots);
    }

    [Fact]
    public void The_snapshot_with_the_best_accuracy_is_kept_beside_the_newest()
    {
        RunState state = After(
            new RunClaimed(1, "host", "cpu:0", Samples.At), new AttemptStarted(1, 0, First, Samples.At),
            Samples.Snapshot(1, 0), Samples.Snapshot(1, 20) with { Accuracy = 0.9 }, Samples.Snapshot(1, 40),
            Samples.Snapshot(1, 60) with { Accuracy = 0.7 }, Samples.Snapshot(1, 80), Samples.Snapshot(1, 100),
            new RunCompleted(100, Samples.Evaluated, "abc", Samples.At));

        Assert.Equal([20, 100], state.Retained(keep: 1, Samples.Specification).Select(snapshot => snapshot.Step));
        Assert.Equal([100], state.Needed(Samples.Specification).Select(snapshot => snapshot.Step));
    }

    [Fact]
    public void Losses_of_the_machine_and_errors_of_the_code_are_counted_apart()
    {
        RunState state = After(
            new RunClaimed(1, "host", "cpu:0", Samples.At), new AttemptStarted(1, 0, First, Samples.At),
            new TrainerLost(1, "killed", UserCode: false, Samples.At.AddSeconds(1)),
            new RunClaimed(2, "host", "cpu:0", Samples.At),
            new TrainerLost(2, "shape error", UserCode: true, Samples.At.AddSeconds(2)),
            new RunClaimed(3, "host", "cpu:0", Samples.At),
            new TrainerLost(3, "killed again", UserCode: false, Samples.At.AddSeconds(3)));

        Assert.Equal(2, state.CrashesInARow);
        Assert.Equal(1, state.UserErrors);
        Assert.Equal((RunStatus.Pending, "killed again"), (state.Status, state.Reason));
        Assert.Equal(0, state.Restarts);

        // A run that gets on is not one that kills its trainers.
        Assert.Equal(0, state.Apply(Samples.Snapshot(1, 20)).CrashesInARow);
    }

    [Fact]
    public void A_paused_run_goes_on_from_its_newest_snapshot()
    {
        RunState paused = After(
            new RunClaimed(1, "host", "cpu:0", Samples.At), new AttemptStarted(1, 0, First, Samples.At),
            Samples.Snapshot(1, 0), Samples.Snapshot(1, 13, anchor: false), new RunPaused(13, Samples.At));

        Assert.Equal(RunStatus.Paused, paused.Status);
        Assert.Equal(Samples.Snapshot(1, 13, anchor: false), paused.NewestSnapshot);
        Assert.Equal(RunStatus.Running, paused.Apply(new RunClaimed(2, "host", "cpu:0", Samples.At)).Status);
    }

    [Fact]
    public void A_completed_run_has_its_evaluation_and_no_reason()
    {
        var completed = new RunCompleted(100, Samples.Evaluated, "abc", Samples.At);

        RunState state = After(
            new RunClaimed(1, "host", "cpu:0", Samples.At), new AttemptStarted(1, 0, First, Samples.At),
            new TrainerLost(1, "killed", UserCode: false, Samples.At), new RunClaimed(2, "host", "cpu:0", Samples.At),
            completed);

        Assert.Equal((RunStatus.Completed, completed, null), (state.Status, state.Completion, state.Reason));
    }

    [Fact]
    public void Measurements_are_kept_in_order()
    {
        CurvatureMeasured[] measured =
        [
            new(1, Milestones.Initialisation, Samples.Measurement(0, 3), Samples.At),
            new(1, Milestones.Remedy(1), Samples.Measurement(20, 9), Samples.At),
        ];

        Assert.Equal(measured, After(measured).Measurements);
    }

    public static TheoryData<RunStatus> TerminalStates =>
        [RunStatus.Completed, RunStatus.Diverged, RunStatus.Failed, RunStatus.Stopped];

    [Theory]
    [MemberData(nameof(TerminalStates))]
    public void A_terminal_state_is_final(RunStatus status)
    {
        RunState ended = After(
            new RunClaimed(1, "host", "cpu:0", Samples.At), new AttemptStarted(1, 0, First, Samples.At),
            Samples.Snapshot(1, 0), End(status));
        Assert.Equal(status, ended.Status);
        Assert.True(ended.Status.IsTerminal());

        IRunEvent[] late =
        [
            new RunClaimed(9, "other", "cpu:7", Samples.At), new AttemptStarted(2, 0, Second, Samples.At),
            new DivergenceDetected(1, Samples.BlowUp(5), Samples.At), new TrainerLost(1, "late", false, Samples.At),
            new RunPaused(3, Samples.At), .. TerminalStates.Select(other => End(other.Data)),
        ];
        foreach (IRunEvent e in late)
        {
            Assert.Equal(status, ended.Apply(e).Status);
        }
    }

    [Theory]
    [InlineData(RunStatus.Pending)]
    [InlineData(RunStatus.Running)]
    [InlineData(RunStatus.Recovering)]
    [InlineData(RunStatus.Paused)]
    public void The_other_states_are_not(RunStatus status) => Assert.False(status.IsTerminal());

    private static IRunEvent End(RunStatus status) => status switch
    {
        RunStatus.Completed => new RunCompleted(100, new Evaluation(100, 0.4, 0.85), "abc", Samples.At),
        RunStatus.Diverged => new RunDiverged(5, "diverged", Samples.At),
        RunStatus.Failed => new RunFailed("failed", Samples.At),
        _ => new RunStopped(5, Samples.At),
    };

    private static RunState After(params IRunEvent[] events) =>
        events.Aggregate(RunState.New, (state, e) => state.Apply(e));
}
