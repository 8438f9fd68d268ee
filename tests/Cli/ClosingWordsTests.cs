using CurvatureActors.Cli.Display;
using CurvatureActors.Training.Recovery;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Cli.Tests;

/// <summary>What is said of a remedy is what its rate came from.</summary>
public sealed class ClosingWordsTests
{
    private static readonly TrainingPlan Plan = new(0.1, 0, 0, null);

    [Theory]
    [InlineData(RateBasis.Lambda1, 12.5, true, "by the measured lambda1", "forward")]
    [InlineData(RateBasis.ForwardPasses, 12.5, true, "by forward passes", "lambda1")]
    [InlineData(RateBasis.ForwardPasses, null, false, "probes are off, so it was chosen by forward passes", "measured")]
    [InlineData(RateBasis.Factor, 12.5, true, "by a factor", "lambda1")]
    [InlineData(RateBasis.Factor, null, true, "there was none to go by", "forward")]
    [InlineData(RateBasis.Factor, null, false, "probes are off, so it did without", "chosen")]
    [InlineData(null, 12.5, true, "looked at", "chosen")]
    [InlineData(null, null, false, "probes are off", "chosen")]
    public void A_remedy_is_said_to_go_by_what_it_went_by(
        RateBasis? by, double? lambda1, bool probed, string said, string notSaid)
    {
        string words = ClosingWords.Basis(new RemedyDecision("lower-rate", Plan, "", lambda1) { RateBy = by }, probed);

        Assert.Contains(said, words, StringComparison.Ordinal);
        Assert.DoesNotContain(notSaid, words, StringComparison.Ordinal);
    }
}
