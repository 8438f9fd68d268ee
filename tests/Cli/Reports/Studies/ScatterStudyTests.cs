using CurvatureActors.Cli.Reports.Studies;

namespace CurvatureActors.Cli.Tests.Reports.Studies;

/// <summary>At rate 0.1 the paper's line lies at 20 and heavy ball's own at 38.</summary>
public sealed class ScatterStudyTests : IDisposable
{
    private readonly StudyFixture _study = new("scatter");

    public void Dispose() => _study.Dispose();

    [Fact]
    public void Given_survivors_below_the_line_and_fewer_failures_with_warmup_then_it_holds()
    {
        Runs(cold: 3, coldLost: 2, warm: 3, warmLost: 1, middle: 15);

        Verdict verdict = _study.Judge();

        Assert.True(verdict.Holds);
        Assert.Contains("100.0 % of 3 survivors lay at or below 2/η", verdict.Sentence, StringComparison.Ordinal);
        Assert.Contains("66.7 % of 3 failed without warmup and 33.3 % of 3 with it", verdict.Sentence, StringComparison.Ordinal);
        object?[] expected = ["all", 6, 3, 2, 3, 1, 0, 0, 3, 3, 3];
        Assert.Equal(expected, verdict.Table.Rows[^1]);
    }

    [Fact]
    public void Given_survivors_between_the_lines_then_it_does_not_hold_and_both_shares_are_told()
    {
        Runs(cold: 3, coldLost: 2, warm: 3, warmLost: 1, middle: 30);
        Verdict verdict = _study.Judge();
        Assert.False(verdict.Holds);
        Assert.Contains("0.0 % of 3 survivors lay at or below 2/η", verdict.Sentence, StringComparison.Ordinal);
        Assert.Contains("100.0 % at or below the optimizer's own", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_as_many_failures_with_warmup_then_it_does_not_hold()
    {
        Runs(cold: 3, coldLost: 2, warm: 3, warmLost: 2, middle: 15);
        Assert.False(_study.Judge().Holds);
    }

    [Fact]
    public void Given_no_run_above_the_line_then_nothing_is_said()
    {
        _study.Completed(Asked.Run(), Asked.Constant(10));
        _study.Completed(Asked.Run(warmup: 10), Asked.Constant(10));
        Assert.Null(_study.Judge().Holds);
    }

    private void Runs(int cold, int coldLost, int warm, int warmLost, double middle)
    {
        for (int seed = 0; seed < cold + warm; seed++)
        {
            bool isWarm = seed >= cold;
            if ((isWarm ? seed - cold : seed) < (isWarm ? warmLost : coldLost))
            {
                _study.Diverged(Asked.Run(warmup: isWarm ? 10 : 0, seed: seed), Asked.Constant(100));
            }
            else
            {
                _study.Completed(Asked.Run(warmup: isWarm ? 10 : 0, seed: seed), Asked.Falling(100, middle));
            }
        }
    }
}
