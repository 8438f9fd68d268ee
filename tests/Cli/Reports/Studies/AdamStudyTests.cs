using CurvatureActors.Cli.Reports.Studies;

namespace CurvatureActors.Cli.Tests.Reports.Studies;

/// <summary>At rate 0.1 Adam's threshold is 380. The paper claims nothing, so there is no outcome but what is seen.</summary>
public sealed class AdamStudyTests : IDisposable
{
    private readonly StudyFixture _study = new("adam");

    public void Dispose() => _study.Dispose();

    [Fact]
    public void What_is_seen_is_told()
    {
        _study.Completed(Asked.Run(optimizer: "adam"), Asked.Constant(190));
        _study.Completed(Asked.Run(optimizer: "adam", warmup: 5), Asked.Falling(800, 760));
        _study.Diverged(Asked.Run(optimizer: "adam", seed: 2), Asked.Constant(800));

        Verdict verdict = _study.Judge();

        Assert.Null(verdict.Holds);
        Assert.StartsWith(
            "1 of 2 survivors lay at or below the threshold of the preconditioned curvature in mid-training, the median at 1.25 of it.",
            verdict.Sentence, StringComparison.Ordinal);
        Assert.Contains("without warmup 1 of 2 failed, with it 0 of 1.", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_nothing_measured_then_that_is_said()
    {
        _study.Completed(Asked.Run(optimizer: "adam"), _ => null);
        Assert.Contains("No survivor", _study.Judge().Sentence, StringComparison.Ordinal);
    }
}
