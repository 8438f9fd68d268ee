using CurvatureActors.Training.Divergence;
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
            while (ladder.Next(climbed) is { } rung)
            {
                Assert.Same(Remedies.All[rung.Name], rung.Remedy);
                climbed.Add(rung.Name);
            }

            Assert.Equal(rungs.Concat(Enumerable.Repeat(rungs[^1], 9)).Take(budget), climbed);
            Assert.Null(ladder.Next([.. climbed, .. Enumerable.Repeat(rungs[^1], random.Next(100))]));
        }
    }

    [Theory]
    [InlineData(new[] { "lower-rate" }, "lower-rate")]
    [InlineData(new[] { "warmup", "lower-rate" }, "lower-rate")]
    [InlineData(new[] { "warmup", "clip", "lower-rate", "lower-rate" }, "lower-rate")]
    [InlineData(new[] { "warmup" }, "clip")]
    public void Given_rungs_that_were_skipped_when_asked_then_none_of_them_comes_again(string[] used, string next) =>
        Assert.Equal(next, new RecoveryLadder(Recovery with { Ladder = ["warmup", "clip", "lower-rate"], Budget = 9 }).Next(used)!.Name);

    [Theory]
    // Edge of plain SGD at lambda1 = 20: 0.1.
    [InlineData(0.41, "lower-rate", 0.05)]
    [InlineData(40, "lower-rate", 0.05)]
    [InlineData(0.39, "warmup", 0.39)]
    [InlineData(0.01, "warmup", 0.01)]
    public void Given_a_peak_far_above_what_is_stable_when_decided_then_it_is_lowered_at_once(
        double peak, string remedy, double rate)
    {
        var ladder = new RecoveryLadder(Recovery with { Ladder = ["warmup", "clip", "lower-rate"], Budget = 3 });
        RecoveryContext context = Context(peak, lambda1: 20);

        RemedyDecision decision = ladder.Decide(ladder.Next([])!, context);

        Assert.Equal(remedy, decision.Remedy);
        Assert.Equal(rate, decision.Plan.PeakLearningRate, 1e-12);
        Assert.Equal(remedy == "lower-rate", decision.Reason.Contains("hopeless for warmup", StringComparison.Ordinal));
    }

    [Fact]
    public void Given_a_ladder_that_cannot_lower_the_rate_when_decided_then_its_own_rung()
    {
        var ladder = new RecoveryLadder(Recovery with { Ladder = ["lower-rate", "clip"], Budget = 3 });

        Assert.Equal("clip", ladder.Decide(ladder.Next(["lower-rate"])!, Context(40, lambda1: 20)).Remedy);
    }

    [Theory]
    // A warmup of 100 steps to 1 from step 0, condemned at a step of it; nothing measured.
    [InlineData(9, "lower-rate", 0.03)]
    [InlineData(23, "lower-rate", 0.3 * 0.24)]
    [InlineData(30, "clip", 1)]
    [InlineData(200, "clip", 1)]
    public void Given_a_warmup_that_did_not_get_far_when_decided_then_below_the_rate_that_it_came_to(
        int verdict, string remedy, double rate)
    {
        var ladder = new RecoveryLadder(Recovery with { Ladder = ["warmup", "clip", "lower-rate"], Budget = 3, FallbackFactor = 0.3 });
        RecoveryContext context = Context(1, lambda1: null, verdict) with { Plan = new TrainingPlan(1, 0, 100, null) };

        RemedyDecision decision = ladder.Decide(ladder.Next(["warmup"])!, context);

        Assert.Equal(remedy, decision.Remedy);
        Assert.Equal(rate, decision.Plan.PeakLearningRate, 1e-12);
    }

    [Fact]
    public void Given_recovery_turned_off_or_no_rungs_when_asked_then_none()
    {
        Assert.Null(new RecoveryLadder(Recovery with { Enabled = false }).Next([]));
        Assert.Null(new RecoveryLadder(Recovery with { Ladder = [] }).Next([]));
    }

    [Fact]
    public void Given_an_unknown_remedy_when_made_then_the_message_names_it()
    {
        string message = Assert.Throws<ArgumentException>(
            () => new RecoveryLadder(Recovery with { Ladder = ["clip", "pray"] })).Message;
        Assert.Contains("\"pray\"", message, StringComparison.Ordinal);
    }

    private static RecoveryContext Context(double peak, double? lambda1, int verdict = 90) => new(
        Specifications.Default with { Optimizer = Specifications.Default.Optimizer with { Kind = "sgd", WeightDecay = 0 } },
        new TrainingPlan(peak, WarmupFrom: 0, WarmupSteps: 0, ClipNorm: null),
        new DivergenceVerdict(verdict, "blow-up", "", null),
        RollbackStep: 0,
        lambda1 is { } value ? RemedyTests.Measured(value) : null);
}
