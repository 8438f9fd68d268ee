using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Tests.Divergence;

public sealed class BlowUpRuleTests(ITestOutputHelper output)
{
    private static readonly RunSpecification Run = Specifications.Default;

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.35)]
    [InlineData(0.6)]
    public void Given_healthy_noisy_runs_when_watched_then_at_most_one_in_a_hundred_alarms(double sigma)
    {
        int alarms = Enumerable.Range(0, 200).Count(seed =>
        {
            var random = new Random(seed);
            return LossCurves.FirstVerdict(Run, Enumerable.Range(0, 500).Select(
                step => LossCurves.Healthy(step) * LossCurves.Noise(random, sigma))) is not null;
        });

        output.WriteLine($"sigma {sigma}: {alarms} of 200 alarm");
        Assert.InRange(alarms, 0, 2);
    }

    [Theory]
    [InlineData(1.2)]
    [InlineData(1.3)]
    [InlineData(1.5)]
    [InlineData(2)]
    [InlineData(3)]
    public void Given_an_early_blow_up_when_watched_then_caught_within_twelve_steps_and_not_before(double growth)
    {
        for (int onset = 1; onset <= 20; onset++)
        {
            DivergenceVerdict? clean = LossCurves.FirstVerdict(Run, BlowUp(null, onset, growth, 0).Take(100));
            Assert.NotNull(clean);
            Assert.Equal("blow-up", clean.Rule);
            Assert.InRange(clean.Step - onset, 0, 12);
        }

        // With noise the delay is a random variable: its middle within 12 steps, its worst not much later.
        List<int> delays = [];
        for (int seed = 0; seed < 200; seed++)
        {
            int onset = 1 + (seed % 20);
            DivergenceVerdict? noisy = LossCurves.FirstVerdict(Run, BlowUp(new Random(seed), onset, growth, 0.1).Take(100));
            Assert.NotNull(noisy);
            delays.Add(noisy.Step - onset);
        }

        delays.Sort();
        output.WriteLine($"growth {growth}: median {delays[100]}, 95th percentile {delays[190]}, worst {delays[^1]}");
        Assert.InRange(delays[0], 0, 12);
        Assert.InRange(delays[190], 0, 12);
        Assert.InRange(delays[^1], 0, 14);
    }

    [Theory]
    [InlineData(1.2)]
    [InlineData(1.5)]
    [InlineData(3)]
    public void Given_a_blow_up_in_a_very_noisy_run_when_watched_then_caught_within_thirty_steps(double growth)
    {
        for (int seed = 0; seed < 200; seed++)
        {
            int onset = 1 + (seed % 20);
            DivergenceVerdict? verdict = LossCurves.FirstVerdict(Run, BlowUp(new Random(seed), onset, growth, 0.6).Take(60));
            Assert.NotNull(verdict);
            Assert.InRange(verdict.Step - onset, 0, 30);
        }
    }

    [Theory]
    [InlineData(1.2, 5, 0.8)]
    [InlineData(1.2, 6, 0.9)]
    [InlineData(1.3, 10, 0.8)]
    [InlineData(1.5, 8, 0.9)]
    [InlineData(1.5, 20, 0.8)]
    [InlineData(2, 20, 0.9)]
    [InlineData(10, 20, 0.9)]
    public void Given_a_catapult_when_watched_then_not_condemned(double rise, double peak, double fall)
    {
        List<double> losses = [];
        double loss = 2.3;
        for (; loss < 2.3 * peak; loss *= rise)
        {
            losses.Add(loss);
        }

        for (loss = 2.3 * peak; losses.Count < 300; loss = Math.Max(0.3, loss * fall))
        {
            losses.Add(loss);
        }

        Assert.Null(LossCurves.FirstVerdict(Run, losses));
    }

    [Theory]
    [InlineData(30, 1000, 1)]
    [InlineData(100, 1e6, 2)]
    [InlineData(200, 10, 5)]
    public void Given_a_spike_that_recovers_when_watched_then_not_condemned(int at, double height, int length)
    {
        var random = new Random(at);
        Assert.Null(LossCurves.FirstVerdict(Run, Enumerable.Range(0, 500).Select(step =>
            LossCurves.Healthy(step) * LossCurves.Noise(random, 0.1) * (step >= at && step < at + length ? height : 1))));
    }

    [Fact]
    public void Given_a_jump_to_a_plateau_when_it_stays_there_then_caught_though_nothing_climbs()
    {
        DivergenceVerdict? verdict = LossCurves.FirstVerdict(
            Run, Enumerable.Range(0, 300).Select(step => step < 50 ? 1.0 : step < 55 ? 10.0 : 8.0));

        Assert.NotNull(verdict);
        Assert.Equal("blow-up", verdict.Rule);
        Assert.InRange(verdict.Step, 50 + BlowUpRule.Plateau, 50 + BlowUpRule.Plateau + 10);
        Assert.DoesNotContain("climbing", verdict.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_loss_near_zero_when_it_grows_a_hundredfold_and_stays_tiny_then_not_condemned()
    {
        Assert.Null(LossCurves.FirstVerdict(Run, Enumerable.Range(0, 600).Select(
            step => step < 300 ? Math.Max(1e-4, 2.3 * Math.Exp(-step / 20.0)) : 1e-2)));
    }

    [Fact]
    public void Given_an_enormous_first_loss_when_a_blow_up_follows_its_fall_then_still_caught()
    {
        // The floor of the reference must not come from a first loss that says nothing about the task.
        DivergenceVerdict? verdict = LossCurves.FirstVerdict(Run, Enumerable.Range(0, 200).Select(
            step => step < 60 ? 1 + (1e5 * Math.Exp(-step)) : Math.Pow(1.5, step - 59)));

        Assert.NotNull(verdict);
        Assert.InRange(verdict.Step, 60, 75);
    }

    [Fact]
    public void Given_only_this_rule_when_the_loss_turns_NaN_then_it_counts_as_the_worst_there_is()
    {
        DivergenceVerdict? verdict = LossCurves.FirstVerdict(
            Run.With(detection => detection with { Rules = ["blow-up"] }),
            Enumerable.Range(0, 100).Select(step => step < 30 ? 1.0 : double.NaN));

        Assert.Equal("blow-up", verdict?.Rule);
    }

    [Theory]
    [InlineData(1.9, 0, false)]
    [InlineData(2.2, 0, true)]
    [InlineData(3.5, 0.9, false)]
    [InlineData(3.7, 0.9, false)]
    [InlineData(4.2, 0.9, true)]
    public void Given_heavy_ball_on_a_quadratic_when_past_its_own_threshold_only_then_condemned(
        double etaLambda, double momentum, bool diverges)
    {
        // 1/2 (etaLambda x^2 + 0.1 y^2) with eta = 1: the threshold is 2 (1 + momentum), that is 2 and 3.8.
        (double x, double lastX, double y, double lastY) = (1, 1, 1, 1);
        List<double> losses = [];
        for (int step = 0; step < 400; step++)
        {
            losses.Add(0.5 * ((etaLambda * x * x) + (0.1 * y * y)));
            (x, lastX) = (x - (etaLambda * x) + (momentum * (x - lastX)), x);
            (y, lastY) = (y - (0.1 * y) + (momentum * (y - lastY)), y);
        }

        DivergenceVerdict? verdict = LossCurves.FirstVerdict(Run, losses);

        Assert.Equal(diverges, losses[^1] > losses[0]);
        if (diverges)
        {
            Assert.Equal("blow-up", verdict?.Rule);
            Assert.InRange(verdict!.Step, 1, 12);
        }
        else
        {
            Assert.Null(verdict);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    [InlineData(-1000)]
    public void Given_a_loss_moved_by_a_constant_when_it_blows_up_then_caught_wherever_zero_is(double shift)
    {
        DivergenceVerdict? verdict = LossCurves.FirstVerdict(Run, Enumerable.Range(0, 400).Select(
            step => shift + (step < 200 ? LossCurves.Healthy(step) : LossCurves.Healthy(199) + Math.Pow(1.3, step - 199))));

        Assert.Equal("blow-up", verdict?.Rule);
        Assert.InRange(verdict!.Step, 200, 235);
        Assert.InRange(verdict.OnsetStep!.Value, 198, 220);
    }

    [Fact]
    public void Given_a_jump_to_a_plateau_when_caught_at_last_then_the_onset_is_the_jump()
    {
        DivergenceVerdict? verdict = LossCurves.FirstVerdict(
            Run, Enumerable.Range(0, 300).Select(step => step < 60 ? 1.0 : 12.0));

        Assert.Equal("blow-up", verdict?.Rule);
        Assert.InRange(verdict!.Step, 100, 120);
        Assert.Equal(59, verdict.OnsetStep);
    }

    [Fact]
    public void Given_NaN_in_the_midst_of_a_climb_when_seen_then_its_onset_is_that_of_the_climb()
    {
        DivergenceVerdict? verdict = LossCurves.FirstVerdict(
            Run, Enumerable.Range(0, 70).Select(step => step < 60 ? 1.0 : step < 64 ? Math.Pow(3, step - 59) : double.NaN));

        Assert.Equal(("non-finite", 64, 59), (verdict?.Rule, verdict?.Step, verdict?.OnsetStep));
    }

    [Theory]
    [InlineData("cross-entropy", 500)]
    [InlineData("mse", 1e6)]
    public void Given_a_loss_far_from_guessing_when_flat_from_the_first_step_then_caught_but_not_while_it_falls(string loss, double level)
    {
        RunSpecification run = Run with { Training = Run.Training with { Loss = loss } };

        DivergenceVerdict? flat = LossCurves.FirstVerdict(run, Enumerable.Repeat(level, 300));
        DivergenceVerdict? falling = LossCurves.FirstVerdict(run, Enumerable.Range(0, 2000).Select(
            step => 0.05 + (level * Math.Exp(-step / 200.0))));

        Assert.Equal(("blow-up", 100, 0), (flat?.Rule, flat?.Step, flat?.OnsetStep));
        Assert.Null(falling);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Given_a_fall_by_a_power_of_time_when_ever_so_deep_then_not_without_bound(double power)
    {
        // A likelihood may fall for long: only an exponential has no end.
        Assert.Null(LossCurves.FirstVerdict(Run, Enumerable.Range(0, 3000).Select(step => 1 - (0.01 * Math.Pow(step, power)))));
    }

    /// <summary>Healthy up to the step of onset, where the loss begins to grow by a factor every step.</summary>
    private static IEnumerable<double> BlowUp(Random? random, int onset, double growth, double sigma)
    {
        for (int step = 0; ; step++)
        {
            double trend = step < onset
                ? LossCurves.Healthy(step)
                : LossCurves.Healthy(onset - 1) * Math.Pow(growth, step - onset + 1);
            yield return trend * (random is null ? 1 : LossCurves.Noise(random, sigma));
        }
    }
}
