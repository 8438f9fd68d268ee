using CurvatureActors.Cli.Reports.Studies;

namespace CurvatureActors.Cli.Tests.Reports.Studies;

/// <summary>Rates 0.1 and 0.4; all begin at lambda1 = 100, above the line at either.</summary>
public sealed class WarmupLengthStudyTests : IDisposable
{
    private readonly StudyFixture _study = new("warmup-length");

    public void Dispose() => _study.Dispose();

    [Fact]
    public void Given_longer_warmups_that_carry_further_with_curvature_below_the_line_then_it_holds()
    {
        Stable(0, null);
        Stable(10, 0.1);
        Stable(40, 0.4);

        Verdict verdict = _study.Judge();

        Assert.True(verdict.Holds);
        Assert.Contains("(0 steps: none of those tried, 10 steps: 0.1, 40 steps: 0.4)", verdict.Sentence, StringComparison.Ordinal);
        Assert.Contains("100.0 % of", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_longer_warmup_that_carries_less_far_then_it_does_not_hold()
    {
        Stable(0, null);
        Stable(10, 0.4);
        Stable(40, 0.1);
        Assert.False(_study.Judge().Holds);
    }

    [Fact]
    public void Given_curvature_that_stays_above_the_falling_line_then_it_does_not_hold()
    {
        Stable(0, null);
        Stable(40, 0.4, later: 1000);
        Verdict verdict = _study.Judge();
        Assert.False(verdict.Holds);
        Assert.Contains("0.0 % of", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_one_length_then_nothing_is_said()
    {
        Stable(10, 0.1);
        Assert.Null(_study.Judge().Holds);
    }

    private void Stable(int warmup, double? upTo, double later = 1)
    {
        foreach (double rate in new[] { 0.1, 0.4 })
        {
            if (rate <= upTo)
            {
                _study.Completed(Asked.Run(rate, warmup), Asked.Falling(100, later));
            }
            else
            {
                _study.Diverged(Asked.Run(rate, warmup), Asked.Constant(100));
            }
        }
    }
}
