using CurvatureActors.Training.Recovery;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Divergence;

namespace CurvatureActors.Training.Tests.Recovery;

public sealed class RecoveryLadderTests
{
    private static readonly RecoverySpecification Recovery = Specifications.Default.Recovery;

    [Fact]
    public void Given_random_ladders_when_climbed_then_rungs_in_order_the_last_repeated_and_an_end_at_the_budget()
    {
        string[] names = ["warmup", "clip", "lower-rate"];
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            string[] rungs = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => names[random.Next(3)])];
            int budget = random.Next(0, 9);
            var ladder = new RecoveryLadder(Recovery with { Ladder = [.. rungs], Budget = budget });

            List<string> climbed = [];
            while (ladder.Next(climbed.Count) is { } rung)
            {
                Assert.Same(Remedies.All[rung.Name], rung.Remedy);
                climbed.Add(rung.Name);
            }

            Assert.Equal(rungs.Concat(Enumerable.Repeat(rungs[^1], 9)).Take(budget), climbed);
            Assert.Null(ladder.Next(budget + random.Next(100)));
        }
    }

    [Fact]
    public void Given_recovery_turned_off_or_no_rungs_when_asked_then_none()
    {
        Assert.Null(new RecoveryLadder(Recovery with { Enabled = false }).Next(0));
        Assert.Null(new RecoveryLadder(Recovery with { Ladder = [] }).Next(0));
    }

    [Fact]
    public void Given_an_unknown_remedy_when_made_then_the_message_names_it()
    {
        string message = Assert.Throws<ArgumentException>(
            () => new RecoveryLadder(Recovery with { Ladder = ["clip", "pray"] })).Message;
        Assert.Contains("\"pray\"", message, StringComparison.Ordinal);
    }
}
