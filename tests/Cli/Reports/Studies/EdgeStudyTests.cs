using CurvatureActors.Cli.Reports.Studies;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Cli.Tests.Reports.Studies;

/// <summary>Thresholds with momentum or beta1 0.9, by hand: 2/eta, 3.8/eta, 1.3571/eta, 38/eta.</summary>
public sealed class EdgeStudyTests : IDisposable
{
    private const double Rate = 0.1;
    private readonly StudyFixture _study = new("edge");

    public void Dispose() => _study.Dispose();

    [Theory]
    [InlineData("sgd", 20)]
    [InlineData("heavy-ball", 38)]
    [InlineData("nesterov", 3.8 / 2.8 * 10)]
    [InlineData("adam", 380)]
    public void Given_a_level_at_the_threshold_then_it_holds(string optimizer, double level)
    {
        // Up to the last third it is anywhere; there it swings around the level.
        _study.Completed(Specification(optimizer), step => step % 5 > 0 ? null : step < 60 ? step + 1 : level * (step % 10 == 0 ? 0.9 : 1.1));

        Verdict verdict = _study.Judge();

        Assert.True(verdict.Holds);
        Assert.Equal(level, (double)verdict.Table.Rows[0][4]!, level * 0.11);
        Assert.Contains("curvature of 1 of 1 run lay at 0.85 to 1.2 times the threshold", verdict.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1.5)]
    public void Given_a_level_elsewhere_then_it_does_not_hold_and_the_number_is_told(double ratio)
    {
        _study.Completed(Specification("sgd"), step => step % 5 == 0 ? 20 : null);
        _study.Completed(Specification("heavy-ball"), step => step % 5 == 0 ? 38 * ratio : null);

        Verdict verdict = _study.Judge();

        Assert.False(verdict.Holds);
        Assert.Contains($"heavy ball, η 0.1: {ratio} of 3.8/η", verdict.Sentence, StringComparison.Ordinal);
        Assert.Contains("1 of 2 runs", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_run_that_diverged_then_it_does_not_hold()
    {
        _study.Diverged(Specification("sgd"), _ => 20, at: 30);
        Verdict verdict = _study.Judge();
        Assert.False(verdict.Holds);
        Assert.Contains("diverged", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_run_on_its_way_then_nothing_is_said_yet()
    {
        _study.Completed(Specification("sgd"), step => step % 5 == 0 ? 20 : null);
        _study.Unfinished(Specification("heavy-ball"), step => step % 5 == 0 ? 38 : null, at: 50);
        Assert.Null(_study.Judge().Holds);
    }

    [Fact]
    public void Given_no_measurement_then_nothing_is_said()
    {
        _study.Completed(Specification("sgd"), _ => null);
        Assert.Null(_study.Judge().Holds);
    }

    private static RunSpecification Specification(string optimizer) =>
        StateFixture.Specification(Rate, steps: 90, optimizer: optimizer);
}
