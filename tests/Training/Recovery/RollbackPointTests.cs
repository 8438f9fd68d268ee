using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Recovery;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Divergence;

namespace CurvatureActors.Training.Tests.Recovery;

public sealed class RollbackPointTests
{
    [Fact]
    public void Given_random_snapshots_when_chosen_then_the_newest_that_is_old_enough_else_initialisation()
    {
        for (int seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            int[] snapshots = [.. Enumerable.Range(0, random.Next(0, 20)).Select(_ => random.Next(0, 500))];
            int verdict = random.Next(0, 600);
            int healthyAfter = random.Next(0, 100);

            int chosen = RollbackPoint.Choose(snapshots, verdict, healthyAfter);

            // An oracle that walks backwards from the verdict instead of filtering.
            int expected = verdict - healthyAfter;
            while (expected > 0 && Array.IndexOf(snapshots, expected) < 0)
            {
                expected--;
            }

            Assert.Equal(Math.Max(0, expected), chosen);
        }
    }

    [Theory]
    [InlineData("non-finite", 280)]
    [InlineData("blow-up", 280)]
    [InlineData("stall", 180)]
    [InlineData("silent-failure", 0)]
    public void Given_a_verdict_when_chosen_then_before_the_onset_that_its_rule_knows(string rule, int expected)
    {
        RunSpecification run = Specifications.Default.With(detection => detection with { StallWindow = 100 });
        int[] snapshots = [.. Enumerable.Range(0, 16).Select(i => 20 * i)];

        Assert.Equal(expected, RollbackPoint.Choose(
            snapshots, new DivergenceVerdict(300, rule, "", null), [new AttemptSpan(0, Verdict: null)], run));
    }
}
