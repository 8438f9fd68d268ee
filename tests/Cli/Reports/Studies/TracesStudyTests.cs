using CurvatureActors.Actors.Configuration;
using CurvatureActors.Cli.Reports.Studies;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Cli.Tests.Reports.Studies;

public sealed class TracesStudyTests : IDisposable
{
    private readonly StudyFixture _study = new("traces");

    public void Dispose() => _study.Dispose();

    [Fact]
    public void Given_an_early_failure_without_and_none_with_treatment_then_it_holds()
    {
        _study.Diverged(Asked.Run(), Asked.Constant(100), at: 3);
        Treated();

        Verdict verdict = _study.Judge();

        Assert.True(verdict.Holds);
        Assert.Equal(
            "Of 1 run without any treatment 1 failed within 20 steps (cnn: from step 3); of 3 treated ones 0 failed.", verdict.Sentence);
        Assert.Equal(
            ["no treatment", "warmup", "clipping", "BatchNorm"], verdict.Table.Rows.Select(row => row[2]));
        Assert.Equal(5.0, verdict.Table.Rows[0][5]);
    }

    [Theory]
    [InlineData(7, true)]
    [InlineData(30, false)]
    public void A_silent_failure_dates_from_where_the_loss_stands_still(int deadFrom, bool holds)
    {
        PlannedRun dead = _study.Diverged(Asked.Run(), Asked.Constant(100), at: 50, rule: "silent-failure");
        Treated();
        _study.Loss = (run, step) => run == dead && step >= deadFrom ? 2.3 + (0.01 * (step % 3)) : 4;

        Verdict verdict = _study.Judge();

        Assert.Equal(holds, verdict.Holds);
        Assert.Contains($"cnn: from step {deadFrom})", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_late_failure_without_treatment_then_it_does_not_hold()
    {
        _study.Diverged(Asked.Run(), Asked.Constant(100), at: 40);
        Treated();
        Assert.False(_study.Judge().Holds);
    }

    [Fact]
    public void Given_no_failure_without_treatment_then_it_does_not_hold()
    {
        _study.Completed(Asked.Run(), Asked.Constant(100));
        Treated();
        Verdict verdict = _study.Judge();
        Assert.False(verdict.Holds);
        Assert.Contains("cnn: not at all", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_treated_run_that_failed_then_it_does_not_hold_and_the_run_is_named()
    {
        _study.Diverged(Asked.Run(), Asked.Constant(100), at: 3);
        Treated();
        _study.Diverged(Asked.Run(warmup: 5, clip: 2), Asked.Constant(100), at: 9);
        Verdict verdict = _study.Judge();
        Assert.False(verdict.Holds);
        Assert.Contains("cnn with clipping + warmup", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_run_on_its_way_then_nothing_is_said_yet()
    {
        _study.Diverged(Asked.Run(), Asked.Constant(100), at: 3);
        _study.Unfinished(Asked.Run(warmup: 30), Asked.Constant(100), at: 20);
        Assert.Null(_study.Judge().Holds);
    }

    [Fact]
    public void Given_an_initialisation_scheme_then_it_counts_as_a_treatment()
    {
        RunSpecification plain = Asked.Run();
        _study.Diverged(plain, Asked.Constant(100), at: 3);
        _study.Completed(
            plain with { Model = plain.Model with { Initialisation = new InitialisationSpecification { Kind = "fixup" } } }, Asked.Constant(5));

        Assert.Equal(["no treatment", "Fixup"], _study.Judge().Table.Rows.Select(row => row[2]));
    }

    private void Treated()
    {
        _study.Completed(Asked.Run(warmup: 30), Asked.Falling(100, 10));
        _study.Completed(Asked.Run(clip: 1), Asked.Falling(100, 10));
        _study.Completed(Asked.Run(normalization: "batch"), Asked.Constant(5));
    }
}
