using CurvatureActors.Training.Schedules;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Divergence;

namespace CurvatureActors.Training.Tests.Schedules;

public sealed class LearningRateTests
{
    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(499, 0.1)]
    public void Given_a_constant_schedule_when_asked_then_the_peak(int step, double expected)
    {
        RunSpecification run = Of("constant", warmup: 0, final: 0);
        Assert.Equal(expected, LearningRate.At(step, run, TrainingPlan.Initial(run)), 1e-15);
    }

    [Theory]
    // Warmup over 10 steps, then half a cosine over the other 40 from 1 to 0.2: mean of both at half of it.
    [InlineData(0, 0.1)]
    [InlineData(4, 0.5)]
    [InlineData(9, 1)]
    [InlineData(10, 1)]
    [InlineData(20, 0.6 + (0.4 * 0.70710678118654752))]
    [InlineData(30, 0.6)]
    [InlineData(40, 0.6 - (0.4 * 0.70710678118654752))]
    [InlineData(50, 0.2)]
    [InlineData(70, 0.2)]
    public void Given_warmup_and_cosine_when_asked_then_the_hand_computed_fraction(int step, double fraction)
    {
        RunSpecification run = Of("cosine", warmup: 10, final: 0.2) with
        {
            Training = Specifications.Default.Training with { Steps = 50 },
        };
        Assert.Equal(0.1 * fraction, LearningRate.At(step, run, TrainingPlan.Initial(run)), 1e-15);
    }

    [Theory]
    [InlineData(20, 0.75)]
    [InlineData(29, 0.5261679781214719)]
    [InlineData(30, 0.25 * 0.5)]
    [InlineData(31, 0.5 * 0.4738320218785282)]
    [InlineData(33, 0.4217827674798846)]
    [InlineData(40, 0.25)]
    public void Given_a_remedys_warmup_when_asked_then_it_multiplies_on_top_and_does_not_move_the_cosine(
        int step, double fraction)
    {
        // Half a cosine from 1 to 0 over 60 steps, (1 + cos(pi step / 60)) / 2: 3/4, 1/2, 1/4 at steps 20, 30, 40.
        RunSpecification run = Of("cosine", warmup: 0, final: 0) with
        {
            Training = Specifications.Default.Training with { Steps = 60 },
        };
        var plan = new TrainingPlan(PeakLearningRate: 0.1, WarmupFrom: 30, WarmupSteps: 4, ClipNorm: null);
        Assert.Equal(0.1 * fraction, LearningRate.At(step, run, plan), 1e-15);
    }

    [Theory]
    // From 0.02 to the peak 0.1 over ten steps, then half a cosine to 0 over the other 40.
    [InlineData(0, 0.02)]
    [InlineData(1, 0.028)]
    [InlineData(5, 0.06)]
    [InlineData(10, 0.1)]
    [InlineData(30, 0.05)]
    public void Given_a_critical_rate_when_warming_up_then_linearly_from_it(int step, double expected)
    {
        RunSpecification run = Of("cosine", warmup: 10, final: 0) with
        {
            Training = Specifications.Default.Training with { Steps = 50 },
        };
        Assert.Equal(expected, LearningRate.At(step, run, TrainingPlan.Initial(run), criticalRate: 0.02), 1e-15);
    }

    [Fact]
    public void Given_a_critical_rate_above_the_peak_when_warming_up_then_the_peak()
    {
        RunSpecification run = Of("constant", warmup: 10, final: 0);
        Assert.Equal(0.1, LearningRate.At(0, run, TrainingPlan.Initial(run), criticalRate: 0.3), 1e-15);
    }

    [Fact]
    public void Given_a_critical_rate_when_a_remedy_warms_up_later_then_from_0()
    {
        RunSpecification run = Of("constant", warmup: 10, final: 0);
        var plan = new TrainingPlan(PeakLearningRate: 0.1, WarmupFrom: 30, WarmupSteps: 4, ClipNorm: null);
        Assert.Equal(0.025, LearningRate.At(30, run, plan, criticalRate: 0.02), 1e-15);
    }

    [Fact]
    public void Given_a_run_that_ends_inside_its_warmup_when_asked_then_no_division_by_zero()
    {
        RunSpecification run = Of("cosine", warmup: 500, final: 0);
        Assert.Equal(0.1, LearningRate.At(499, run, TrainingPlan.Initial(run)), 1e-15);
    }

    [Fact]
    public void Given_an_unknown_schedule_when_asked_then_the_message_lists_those_there_are()
    {
        RunSpecification run = Of("cosin", warmup: 0, final: 0);
        string message = Assert.Throws<ArgumentException>(() => LearningRate.At(0, run, TrainingPlan.Initial(run))).Message;
        Assert.Contains("constant, cosine", message, StringComparison.Ordinal);
    }

    private static RunSpecification Of(string kind, int warmup, double final) => Specifications.Default with
    {
        Schedule = new ScheduleSpecification { Kind = kind, WarmupSteps = warmup, FinalFraction = final },
    };
}
