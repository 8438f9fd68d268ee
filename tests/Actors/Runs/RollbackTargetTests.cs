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
    [InlineData(47)]
    [InlineData(59)]
    public void An_attempt_that_came_past_what_was_condemned_goes_back_to_its_start_at_most(int verdict)
    {
        RunState state = Attempt(1, 0).With(0, 20, 40).Condemned(46).Restarted(2, 40);

        Assert.Equal(Samples.Snapshot(1, 40), state.RollbackTarget(Samples.BlowUp(verdict), Samples.Specification));
    }

    [Theory]
    // The attempt before began at 200 and was condemned at 226: 26 steps back from there.
    [InlineData(226, 160)]
    [InlineData(203, 160)]
    [InlineData(214, 160)]
    // Past that, and long past that.
    [InlineData(227, 200)]
    [InlineData(261, 240)]
    public void What_is_condemned_again_goes_back_further(int verdict, int target)
    {
        RunState state = Attempt(1, 0).With(0, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200, 220).Condemned(226)
            .Restarted(2, 200).With(220, 240, 260);

        Assert.Equal(target, state.RollbackTarget(Samples.BlowUp(verdict), Samples.Specification)?.Step);
    }

    [Fact]
    public void And_twice_as_far_each_time_down_to_the_initialisation()
    {
        RunState state = Attempt(1, 0).With([.. Enumerable.Range(0, 21).Select(i => 20 * i)]);
        List<int> targets = [];
        for (int attempt = 2; targets.Count == 0 || targets[^1] > 0; attempt++)
        {
            int target = state.RollbackTarget(Samples.BlowUp(405), Samples.Specification)!.Step;
            targets.Add(target);
            state = state.Condemned(405).Restarted(attempt, target);
            state = state.With([.. Enumerable.Range(0, 21).Select(i => 20 * i).Where(step => step > target)]);
        }

        // At least 25, 50, 170 and 490 steps before the verdict, at the next older anchor that is kept.
        Assert.Equal([380, 320, 160, 0], targets);
    }

    [Theory]
    // The newest anchor with 20 clean steps up to the onset, of those that are kept once the run has come to 420.
    [InlineData(409, 360)]
    [InlineData(390, 360)]
    [InlineData(350, 320)]
    [InlineData(300, 160)]
    [InlineData(200, 160)]
    [InlineData(19, 0)]
    [InlineData(0, 0)]
    public void A_snapshot_after_the_onset_is_no_anchor(int onset, int target)
    {
        RunState state = Attempt(1, 0).With([.. Enumerable.Range(0, 22).Select(i => 20 * i)]);
        DivergenceVerdict verdict = Samples.BlowUp(421) with { OnsetStep = onset };

        Assert.Equal(target, state.RollbackTarget(verdict, Samples.Specification)?.Step);
        Assert.Contains(target, state.Needed(Samples.Specification).Select(snapshot => snapshot.Step));
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
    // 30 steps of window and 20 of health: a verdict at 120 speaks well of step 60.
    [InlineData(120, 60)]
    [InlineData(109, 40)]
    // Its window reaches into what was condemned before.
    [InlineData(76, 0)]
    public void A_stall_goes_back_to_before_its_window(int verdict, int target)
    {
        RunState state = Attempt(1, 0).With(0, 20, 40).Condemned(46).Restarted(2, 40).With(60, 80);

        Assert.Equal(target, state.RollbackTarget(new DivergenceVerdict(verdict, "stall", "", null), Stalling)?.Step);
    }

    [Fact]
    public void Without_any_snapshot_there_is_no_target() =>
        Assert.Null(Attempt(1, 0).RollbackTarget(Samples.BlowUp(5), Samples.Specification));

    [Fact]
    public void Kept_are_the_newest_the_initialisation_the_start_of_the_attempt_and_ever_fewer_older_ones()
    {
        // Newest 260, healthy after 20: 240 is the newest that can be healthy, then every second from an age of 40 on,
        // every fourth from 80 on, every eighth from 160 on.
        RunState state = Attempt(1, 0).With([.. Enumerable.Range(0, 10).Select(i => 20 * i)]).Condemned(181).Restarted(2, 140)
            .With(160, 180, 200, 220, 240, 260);

        Assert.Equal([0, 140, 160, 200, 240, 260], state.Retained(1, Samples.Specification).Select(snapshot => snapshot.Step));
        Assert.Equal([0, 140, 160, 200, 220, 240, 260], state.Retained(3, Samples.Specification).Select(snapshot => snapshot.Step));
    }

    [Fact]
    public void Of_a_run_that_has_ended_only_the_newest_are_kept()
    {
        RunState state = Attempt(1, 0).With(0, 20, 40, 60).Apply(new RunDiverged(70, "", Samples.At));

        Assert.Equal([40, 60], state.Retained(2, Samples.Specification).Select(snapshot => snapshot.Step));
    }

    private static RunState Attempt(int attempt, int from) =>
        RunState.New.Apply(new AttemptStarted(attempt, from, Samples.FirstPlan, Samples.At));
}

internal static class RunStateHistory
{
    /// <summary>The present attempt commits anchors at these steps.</summary>
    internal static RunState With(this RunState state, params int[] steps) =>
        steps.Aggregate(state, (before, step) => before.Apply(Samples.Snapshot(before.Attempt!.Attempt, step)));

    internal static RunState Condemned(this RunState state, int verdict) =>
        state.Apply(new DivergenceDetected(state.Attempt!.Attempt, Samples.BlowUp(verdict), Samples.At));

    internal static RunState Restarted(this RunState state, int attempt, int from) =>
        state.Apply(new AttemptStarted(attempt, from, Samples.FirstPlan, Samples.At));
}
