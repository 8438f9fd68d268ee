using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Recovery;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Divergence;

namespace CurvatureActors.Training.Tests.Recovery;

public sealed class RemedyTests
{
    private static readonly RunSpecification Run = Specifications.Default;
    private static readonly TrainingPlan Bare = new(1, WarmupFrom: 0, WarmupSteps: 0, ClipNorm: null);

    [Theory]
    // present from, present length, rollback -> length; the specification asks for 100.
    [InlineData(0, 0, 40, 100)]
    [InlineData(0, 20, 40, 100)]
    [InlineData(0, 50, 40, 200)]
    [InlineData(0, 10, 5, 100)]
    [InlineData(0, 100, 400, 400)]
    [InlineData(40, 400, 40, 1600)]
    [InlineData(60, 50, 40, 100)]
    public void Given_a_plan_when_warmed_up_then_from_the_rollback_step_and_longer_than_before(
        int from, int present, int rollback, int expected)
    {
        TrainingPlan plan = Bare with { WarmupFrom = from, WarmupSteps = present, ClipNorm = 2 };

        RemedyDecision decision = Choose("warmup", plan, rollback);

        Assert.Equal(plan with { WarmupFrom = rollback, WarmupSteps = expected }, decision.Plan);
        Assert.Equal("warmup", decision.Remedy);
        Assert.Null(decision.Lambda1);
        Assert.Contains($"{expected} steps from step {rollback}", decision.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.7, null, 0.7)]
    [InlineData(0.7, 5.0, 0.7)]
    [InlineData(0.7, 0.7, 0.35)]
    [InlineData(0.7, 0.2, 0.1)]
    [InlineData(null, null, 1.0)]
    [InlineData(null, 0.5, 0.25)]
    [InlineData(double.NaN, null, 1.0)]
    [InlineData(0.0, null, 1.0)]
    public void Given_a_plan_when_clipped_then_at_the_healthy_norm_or_half_of_what_was(
        double? healthy, double? present, double expected)
    {
        TrainingPlan plan = Bare with { WarmupFrom = 3, WarmupSteps = 7, ClipNorm = present };

        RemedyDecision decision = Choose("clip", plan, 40, healthy);

        Assert.Equal(plan with { ClipNorm = expected }, decision.Plan);
        Assert.Equal(
            healthy is null or 0 or double.NaN,
            decision.Reason.Contains("for want of a finite healthy gradient norm", StringComparison.Ordinal));
    }

    [Theory]
    // Largest stable rate at lambda1 = 20 by the table of docs/curvature.md at momentum 0.9; half of it is safe.
    [InlineData("sgd", 20, 0, 0.5 * 0.1)]
    [InlineData("heavy-ball", 20, 0, 0.5 * 0.19)]
    [InlineData("nesterov", 20, 0, 0.5 * 3.8 / 2.8 / 20)]
    [InlineData("sgd", 20, 5, 0.5 * 2 / 25)]
    public void Given_a_measured_lambda1_when_lowered_then_half_of_the_optimizers_own_edge(
        string optimizer, double lambda1, double decay, double expected)
    {
        TrainingPlan plan = Bare with { WarmupFrom = 3, WarmupSteps = 7, ClipNorm = 2 };

        RemedyDecision decision = Choose("lower-rate", plan, 40, curvature: Measured(lambda1), optimizer: optimizer, decay: decay);

        Assert.Equal(expected, decision.Plan.PeakLearningRate, 1e-12);
        Assert.Equal(lambda1, decision.Lambda1);
        Assert.Equal(plan with { PeakLearningRate = decision.Plan.PeakLearningRate, WarmupFrom = 40 }, decision.Plan);
        Assert.Contains($"lambda1 {lambda1:G4} at step 40", decision.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("adam")]
    [InlineData("adamw")]
    public void Given_adam_when_lowered_then_by_its_preconditioned_lambda1(string optimizer)
    {
        // 2 * 1.9 / 0.1 = 38 over 190 is 0.2.
        RemedyDecision decision = Choose(
            "lower-rate", Bare, 40, curvature: Measured(1e6) with { PreconditionedLambda1 = 190 }, optimizer: optimizer);

        Assert.Equal(0.1, decision.Plan.PeakLearningRate, 1e-12);
        Assert.Equal(190, decision.Lambda1);
        Assert.Equal(0, decision.Plan.WarmupFrom);
    }

    [Theory]
    [InlineData("adam", 5.0)]
    [InlineData("sgd", null)]
    [InlineData("sgd", 0.0)]
    [InlineData("sgd", -3.0)]
    [InlineData("sgd", double.NaN)]
    public void Given_no_usable_curvature_when_lowered_then_by_the_fallback_factor(string optimizer, double? lambda1)
    {
        RemedyDecision decision = Choose(
            "lower-rate", Bare, 40, curvature: lambda1 is { } value ? Measured(value) : null, optimizer: optimizer);

        Assert.Equal(0.3, decision.Plan.PeakLearningRate, 1e-12);
        Assert.Null(decision.Lambda1);
    }

    [Fact]
    public void Given_a_curvature_that_sees_no_danger_when_lowered_then_by_the_fallback_factor_all_the_same()
    {
        RemedyDecision decision = Choose("lower-rate", Bare, 40, curvature: Measured(0.01), optimizer: "sgd");

        Assert.Equal(0.3, decision.Plan.PeakLearningRate, 1e-12);
        Assert.Equal(0.01, decision.Lambda1);
    }

    [Theory]
    // The edge at 190 is 0.2; the next update raises the loss from 0.01 on.
    [InlineData(0.01, 0.005)]
    [InlineData(0.3, 0.1)]
    public void Given_a_next_update_that_would_raise_the_loss_when_lowered_then_below_that(double critical, double expected)
    {
        CurvatureMeasurement measured = Measured(1) with { PreconditionedLambda1 = 190, CriticalRate = critical };

        RemedyDecision decision = Choose("lower-rate", Bare, 40, curvature: measured, optimizer: "adam");

        Assert.Equal(expected, decision.Plan.PeakLearningRate, 1e-12);
        Assert.Equal(190, decision.Lambda1);
        Assert.Equal(critical < 0.2, decision.Reason.Contains("does not raise the loss", StringComparison.Ordinal));
    }

    [Fact]
    public void Given_nothing_measured_when_lowered_again_and_again_then_by_ever_more()
    {
        double[] rates = [.. Enumerable.Range(0, 4).Select(before => Remedies.All["lower-rate"].Choose(
            new RecoveryContext(Run, Bare, new DivergenceVerdict(90, "blow-up", "", null), 40, Curvature: null)
            {
                BlindLowerings = before,
            }).Plan.PeakLearningRate)];

        Assert.Equal([0.3, 0.09, 0.0081, 0.00006561], rates.Select(rate => Math.Round(rate, 12)));
    }

    [Theory]
    [InlineData("heavy-ball", 0.01, 0.005, RateBasis.ForwardPasses)]
    [InlineData("adam", 0.5, 0.25, RateBasis.ForwardPasses)]
    // 0.3 times the peak of 1 is less than half of 0.8.
    [InlineData("sgd", 0.8, 0.3, RateBasis.Factor)]
    [InlineData("rmsprop", null, 0.0081, RateBasis.Factor)]
    public void Given_forward_passes_alone_when_lowered_then_by_them_where_they_set_a_limit(
        string optimizer, double? critical, double expected, RateBasis by)
    {
        RecoveryContext context = new(
            Run with { Optimizer = Run.Optimizer with { Kind = optimizer } },
            Bare,
            new DivergenceVerdict(90, "blow-up", "", null),
            40,
            Curvature: null)
        {
            Searched = new CriticalRateMeasurement(40, critical),
            BlindLowerings = 2,
        };

        RemedyDecision decision = Remedies.All["lower-rate"].Choose(context);

        Assert.Equal(expected, decision.Plan.PeakLearningRate, 1e-12);
        Assert.Equal((null, by), (decision.Lambda1, decision.RateBy));
        Assert.Equal(critical is not null, decision.Reason.Contains("does not raise the loss", StringComparison.Ordinal));
        Assert.DoesNotContain("curvature", decision.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20, RateBasis.Lambda1)]
    [InlineData(0.01, RateBasis.Factor)]
    public void Given_lambda1_when_lowered_then_what_the_rate_came_from_is_said(double lambda1, RateBasis by) => Assert.Equal(
        by, Choose("lower-rate", Bare, 40, curvature: Measured(lambda1), optimizer: "sgd").RateBy);

    [Fact]
    public void Given_an_unconverged_lambda1_when_lowered_then_the_reason_says_so()
    {
        RemedyDecision decision = Choose(
            "lower-rate", Bare, 40, curvature: Measured(20) with { Converged = false, Residual = 1.5 }, optimizer: "sgd");

        Assert.Contains("not converged, residual 1.5", decision.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_the_whole_ladder_when_climbed_then_changes_add_up()
    {
        TrainingPlan plan = Bare;
        foreach ((string remedy, int rollback) in new[] { ("warmup", 0), ("clip", 20), ("lower-rate", 60) })
        {
            plan = Choose(remedy, plan, rollback, healthy: 0.8).Plan;
        }

        // The verdict at 90 came when the warmup from 0 had made 0.91 of the peak.
        Assert.Equal(0.3 * 0.91, plan.PeakLearningRate, 1e-12);
        Assert.Equal(new TrainingPlan(plan.PeakLearningRate, WarmupFrom: 60, WarmupSteps: 100, ClipNorm: 0.8), plan);
        Assert.Equal(["warmup", "clip", "lower-rate"], Remedies.All.Names);
        Assert.Equal([false, false, true], Remedies.All.Names.Select(name => Remedies.All[name].WantsCurvature));
    }

    private static RemedyDecision Choose(
        string remedy,
        TrainingPlan plan,
        int rollback,
        double? healthy = null,
        CurvatureMeasurement? curvature = null,
        string optimizer = "sgd",
        double decay = 0) => Remedies.All[remedy].Choose(new RecoveryContext(
            Run with { Optimizer = Run.Optimizer with { Kind = optimizer, WeightDecay = decay } },
            plan,
            new DivergenceVerdict(90, "blow-up", "", healthy),
            rollback,
            curvature));

    internal static CurvatureMeasurement Measured(double lambda1) => new()
    {
        Step = 40,
        Lambda1 = lambda1,
        Residual = 1e-6,
        Converged = true,
        Products = 10,
        Examples = 500,
        LearningRate = 1,
        Threshold = 2,
        Seconds = 0.1,
    };
}
