using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Tests.Runs;

/// <summary>Healthy after 20 clean steps, anchors every 20.</summary>
public class RollbackTargetTests
{
    private static readonly RunSpecification Stalling = Samples.Specification with
    {
        Detection = Samples.Specification.Detection with { StallWindow = 30 },
    };

    [Theory]
    [InlineData(80, 60)]
    [InlineData(79, 40)]
    [InlineData(85, 60)]
    [InlineData(99, 60)]
    [InlineData(100, 80)]
    public void A_sudden_divergence_goes_back_to_the_newest_anchor_with_enough_clean_steps_after_it(int verdict, int target)
    {
        RunState state = Attempt(1, 0).With(0, 20, 40, 60, 80);

        Assert.Equal(target, state.RollbackTarget(Samples.BlowUp(verdict), Samples.Specification)?.Step);
    }

    [Theory]
    [InlineData("non-finite")]
    [InlineData("blow-up")]
    public void Both_sudden_rules_land_alike(string rule)
    {
        RunState state = Attempt(1, 0).With(0, 20, 40);

        Assert.Equal(20, state.RollbackTarget(new DivergenceVerdict(47, rule, "", null), Samples.Specification)?.Step);
    }

    [Theory]
    [InlineData(41)]
    [InlineData(45)]
    [InlineData(59)]
    public void A_sudden_divergence_never_goes_back_beyond_the_start_of_the_attempt(int verdict)
    {
        RunState state = Attempt(1, 0).With(0, 20, 40).Restarted(2, 40);

        Assert.Equal(Samples.Snapshot(1, 40), state.RollbackTarget(Samples.BlowUp(verdict), Samples.Specification));
    }

    [Fact]
    public void A_snapshot_of_a_pause_is_never_a_target()
    {
        RunState state = Attempt(1, 0).With(0, 20).Apply(Samples.Snapshot(1, 33, anchor: false)).With(40);

        Assert.Equal(20, state.RollbackTarget(Samples.BlowUp(57), Samples.Specification)?.Step);
    }

    [Fact]
    public void Divergence_right_after_initialisation_starts_anew() =>
        Assert.Equal(0, Attempt(1, 0).With(0).RollbackTarget(Samples.BlowUp(0), Samples.Specification)?.Step);

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    public void A_silent_failure_goes_back_to_the_initialisation(int attemptStart)
    {
        RunState state = Attempt(1, 0).With(0, 20, 40);
        state = attemptStart == 0 ? state.With(60, 80) : state.Restarted(2, attemptStart).With(60, 80);

        Assert.Equal(
            Samples.Snapshot(1, 0),
            state.RollbackTarget(new DivergenceVerdict(99, "silent-failure", "", null), Samples.Specification));
    }

    [Theory]
    [InlineData(90, 40)]
    [InlineData(99, 40)]
    [InlineData(89, 0)]
    [InlineData(75, 0)]
    public void A_stall_goes_back_to_the_start_of_the_attempt_or_if_it_reaches_before_that_to_the_initialisation(
        int verdict, int target)
    {
        // 30 steps of window and 20 of health: a verdict at 90 speaks well of step 40.
        RunState state = Attempt(1, 0).With(0, 20, 40).Restarted(2, 40).With(60, 80);

        Assert.Equal(target, state.RollbackTarget(new DivergenceVerdict(verdict, "stall", "", null), Stalling)?.Step);
    }

    [Fact]
    public void Without_any_snapshot_there_is_no_target() =>
        Assert.Null(Attempt(1, 0).RollbackTarget(Samples.BlowUp(5), Samples.Specification));

    [Fact]
    public void Kept_are_the_newest_the_initialisation_the_start_of_the_attempt_and_what_is_healthy()
    {
        // Newest 100, healthy after 20: a verdict at 100 or later lands on 80 or later.
        RunState state = Attempt(1, 0).With(0, 20, 40).Restarted(2, 40).With(60, 80, 100);

        Assert.Equal([0, 40, 80, 100], state.Retained(1, 20).Select(snapshot => snapshot.Step));
        Assert.Equal([0, 40, 60, 80, 100], state.Retained(3, 20).Select(snapshot => snapshot.Step));
        Assert.Equal([0, 40, 60, 80, 100], state.Retained(1, 21).Select(snapshot => snapshot.Step));
    }

    [Fact]
    public void Of_a_run_that_has_ended_only_the_newest_are_kept()
    {
        RunState state = Attempt(1, 0).With(0, 20, 40, 60).Apply(new RunDiverged(70, "", Samples.At));

        Assert.Equal([40, 60], state.Retained(2, 20).Select(snapshot => snapshot.Step));
    }

    private static RunState Attempt(int attempt, int from) =>
        RunState.New.Apply(new AttemptStarted(attempt, from, Samples.FirstPlan, Samples.At));
}

internal static class RunStateHistory
{
    /// <summary>The present attempt commits anchors at these steps.</summary>
    internal static RunState With(this RunState state, params int[] steps) =>
        steps.Aggregate(state, (before, step) => before.Apply(Samples.Snapshot(before.Attempt!.Attempt, step)));

    internal static RunState Restarted(this RunState state, int attempt, int from) =>
        state.Apply(new AttemptStarted(attempt, from, Samples.FirstPlan, Samples.At));
}
