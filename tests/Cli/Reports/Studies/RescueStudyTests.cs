using CurvatureActors.Cli.Reports.Studies;

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
