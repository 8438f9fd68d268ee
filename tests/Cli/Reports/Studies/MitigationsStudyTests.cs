using CurvatureActors.Cli.Reports.Studies;

namespace CurvatureActors.Cli.Tests.Reports.Studies;

/// <summary>Three seeds at 0.79, 0.80 and 0.81 have a standard error of 0.01 / sqrt(3), so two of the difference are 0.0163.</summary>
public sealed class MitigationsStudyTests : IDisposable
{
    private static readonly double[] Offsets = [-0.01, 0, 0.01];
    private readonly StudyFixture _study = new("mitigations");

    public void Dispose() => _study.Dispose();

    [Theory]
    [InlineData(0.79, true)]
    [InlineData(0.78, false)]
    public void Warmup_must_come_within_the_noise_of_the_best_other(double warmup, bool holds)
    {
        Seeds(0, "none", 0.5);
        Seeds(20, "none", warmup);
        Seeds(0, "layer", 0.7);
        Seeds(0, "batch", 0.8);

        Verdict verdict = _study.Judge();

        Assert.Equal(holds, verdict.Holds);
        Assert.Contains("BatchNorm, has 80.0 %, with a noise of two standard errors of 1.6 %", verdict.Sentence, StringComparison.Ordinal);
        Assert.Equal(["none", "none", "LayerNorm", "BatchNorm"], verdict.Table.Rows.Select(row => row[0]));
    }

    [Fact]
    public void Given_nothing_to_compare_with_then_nothing_is_said()
    {
        Seeds(0, "none", 0.5);
        Seeds(20, "none", 0.8);
        Assert.Null(_study.Judge().Holds);
    }

    private void Seeds(int warmup, string normalization, double accuracy)
    {
        for (int seed = 0; seed < Offsets.Length; seed++)
        {
            _study.Completed(
                Asked.Run(warmup: warmup, normalization: normalization, seed: seed), Asked.Constant(10), accuracy + Offsets[seed]);
        }
    }
}
