using CurvatureActors.Cli.Reports.Studies;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Cli.Tests.Reports.Studies;

public sealed class RescueStudyTests : IDisposable
{
    private readonly StudyFixture _study = new("rescue");

    public void Dispose() => _study.Dispose();

    [Fact]
    public void Given_more_useful_runs_no_false_alarm_and_good_ends_then_it_holds()
    {
        Well(falseAlarm: false);
        Lost(rescuedTo: 0.78);

        Verdict verdict = _study.Judge();

        Assert.True(verdict.Holds);
        Assert.StartsWith("1 of 2 runs end useful when left alone and 2 when supervised.", verdict.Sentence, StringComparison.Ordinal);
        // The rescued run threw steps 0 to 9 away; 60 + 60 count.
        Assert.Equal((10, 130), Row(verdict, "steps thrown away by rescues"));
        Assert.Equal((1, 1), Row(verdict, "remedy warmup was the last one needed"));
        Assert.Equal((1, 1), Row(verdict, "verdicts by rule non-finite"));
        Assert.Equal(0.78, verdict.Table.Rows.Single(row => (string)row[0]! == "mean accuracy of rescued runs")[3]);
    }

    [Fact]
    public void Given_a_false_alarm_then_it_does_not_hold()
    {
        Well(falseAlarm: true);
        Lost(rescuedTo: 0.78);
        Verdict verdict = _study.Judge();
        Assert.False(verdict.Holds);
        Assert.Equal((1, 1), Row(verdict, "false alarms on runs that are well alone"));
    }

    [Fact]
    public void Given_rescued_runs_that_end_badly_then_it_does_not_hold()
    {
        Well(falseAlarm: false);
        Lost(rescuedTo: 0.5);
        Assert.False(_study.Judge().Holds);
    }

    [Fact]
    public void Given_no_run_that_was_saved_then_it_does_not_hold()
    {
        Well(falseAlarm: false);
        _study.Diverged(Asked.Run(1, recovery: false), Asked.Constant(100), at: 9);
        _study.Diverged(Asked.Run(1), Asked.Constant(100), at: 9);
        Assert.False(_study.Judge().Holds);
    }

    [Fact]
    public void Given_supervised_runs_only_then_nothing_is_said()
    {
        _study.Completed(Asked.Run(), Asked.Constant(10));
        Assert.Null(_study.Judge().Holds);
    }

    [Fact]
    public void Given_a_run_left_alone_that_only_guesses_then_it_counts_as_lost()
    {
        _study.Completed(Asked.Run(recovery: false), Asked.Constant(10), accuracy: 0.14);
        _study.Completed(Asked.Run(), Asked.Constant(10), accuracy: 0.8, rescuedAt: 9);

        Verdict verdict = _study.Judge();

        // 0.14 of ten classes is under 1.5 times chance.
        Assert.StartsWith("0 of 1 runs end useful when left alone and 1 when supervised.", verdict.Sentence, StringComparison.Ordinal);
        Assert.Equal((0, 0), Row(verdict, "false alarms, ours: all"));
    }

    [Fact]
    public void Given_a_loss_that_becomes_nan_then_each_rule_is_replayed_to_the_last_step()
    {
        Well(falseAlarm: false);
        Lost(rescuedTo: 0.78);

        Verdict verdict = _study.Judge();

        Assert.Equal((2, 2), Row(verdict, "curves of runs left alone that rules are replayed over"));
        Assert.Equal([1, 1, 1.0, 0.0, 0, 0], Caught(verdict, "ours: non-finite"));
        // Its average is 1.8, 3.24, 5.83 and 10.5 times the best at the NaNs of steps 9 to 12: the third time over 3 is step 12.
        Assert.Equal([1, 1, 1.0, 3.0, 3, 0], Caught(verdict, "published: winsorised average"));
        // 60 steps are over before these are asked.
        Assert.Equal([0, 1, 0.0, null, null, 0], Caught(verdict, "published: twice the window mean"));
        Assert.Equal((0, 1), Row(verdict, "false alarms, ours: all"));
        Assert.Contains("our rules catch 1 of 1 lost run", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_finite_blow_up_then_the_delay_counts_from_twice_the_first_loss()
    {
        _study.Loss = (_, step) => step < 20 ? 1 : 100;
        _study.Completed(Asked.Run(recovery: false), Asked.Constant(10), accuracy: 0.1);
        _study.Completed(Asked.Run(), Asked.Constant(10), accuracy: 0.8, rescuedAt: 30);
        Assert.Equal([1, 1, 1.0, 3.0, 3, 0], Caught(_study.Judge(), "published: winsorised average"));
    }

    [Fact]
    public void Given_a_spike_in_a_useful_run_then_a_rule_that_fires_there_has_a_false_alarm()
    {
        _study.Loss = (_, step) => step is >= 20 and < 26 ? 100 : 1;
        Well(falseAlarm: false);
        Verdict verdict = _study.Judge();
        Assert.Equal((1, 1), Row(verdict, "false alarms, published: winsorised average"));
        Assert.Equal((0, 1), Row(verdict, "false alarms, ours: non-finite"));
    }

    [Fact]
    public void Given_a_curve_that_a_verdict_of_ours_cut_short_then_no_rule_is_replayed_over_it()
    {
        _study.Diverged(Asked.Run(recovery: false), Asked.Constant(10), at: 9, rule: "silent-failure");
        _study.Completed(Asked.Run(), Asked.Constant(10), accuracy: 0.8, rescuedAt: 9);
        Assert.Equal((0, 1), Row(_study.Judge(), "curves of runs left alone that rules are replayed over"));
    }

    [Fact]
    public void Given_fewer_rules_for_what_is_left_alone_then_it_is_still_the_twin()
    {
        RunSpecification alone = Asked.Run(recovery: false);
        _study.Completed(alone with { Detection = alone.Detection with { Rules = ["non-finite"] } }, Asked.Constant(10));
        _study.Completed(Asked.Run(), Asked.Constant(10));
        Assert.Equal((1, 1), Row(_study.Judge(), "useful, left alone"));
    }

    private static object?[] Caught(Verdict verdict, string rule) =>
        [.. verdict.Table.Rows.Single(row => (string)row[0]! == $"lost runs caught, {rule}").Skip(1)];

    private void Well(bool falseAlarm)
    {
        _study.Completed(Asked.Run(recovery: false), Asked.Constant(10), 0.8);
        _study.Completed(Asked.Run(), Asked.Constant(10), 0.8, falseAlarm ? [9] : []);
    }

    private void Lost(double rescuedTo)
    {
        _study.Diverged(Asked.Run(1, recovery: false), Asked.Constant(100), at: 9);
        _study.Completed(Asked.Run(1), Asked.Constant(100), rescuedTo, 9);
    }

    private static (object?, object?) Row(Verdict verdict, string what)
    {
        IReadOnlyList<object?> row = verdict.Table.Rows.Single(row => (string)row[0]! == what);
        return (row[1], row[2]);
    }
}
