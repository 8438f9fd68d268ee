using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Tests.Divergence;

public sealed class OtherRulesTests
{
    private const double Ln10 = 2.302585092994046;
    private static readonly RunSpecification Run = Specifications.Default;

    [Theory]
    [InlineData(double.NaN, 1)]
    [InlineData(double.PositiveInfinity, 1)]
    [InlineData(1, double.NaN)]
    [InlineData(1, double.PositiveInfinity)]
    public void Given_a_loss_or_norm_that_is_not_finite_when_seen_then_condemned_at_once(double loss, double norm)
    {
        foreach (int at in new[] { 0, 1, 7 })
        {
            var detector = new DivergenceDetector(Run, Guessing.Uniform(Run.Training.Loss, 10));
            for (int step = 0; step < at; step++)
            {
                Assert.Null(detector.Observe(LossCurves.At(step, 1)));
            }

            DivergenceVerdict? verdict = detector.Observe(LossCurves.At(at, loss, norm: norm));

            Assert.Equal("non-finite", verdict?.Rule);
            Assert.Equal(at, verdict?.Step);
            Assert.Equal(at == 0 && !double.IsFinite(norm) ? null : 1, verdict?.HealthyGradientNorm);
        }
    }

    [Theory]
    [InlineData("cross-entropy", Ln10)]
    [InlineData("mse", 0.09)]
    public void Given_a_network_stuck_at_guessing_when_the_time_is_up_then_condemned_soon(string loss, double guessing)
    {
        RunSpecification run = Run with { Training = Run.Training with { Loss = loss } };
        for (int seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            DivergenceVerdict? verdict = Watch(run, 400, step => LossCurves.At(
                step, guessing * LossCurves.Noise(random, 0.02), 0.1 * LossCurves.Noise(random, 0.4)));

            Assert.Equal("silent-failure", verdict?.Rule);
            Assert.InRange(verdict!.Step, 200, 215);
        }
    }

    [Fact]
    public void Given_a_network_of_dead_units_when_it_answers_one_class_then_condemned_exactly_when_asked_first()
    {
        Assert.Equal(200, Watch(Run, 300, step => LossCurves.At(step, Ln10, 0.1))?.Step);
    }

    [Fact]
    public void Given_a_slow_starter_when_its_loss_falls_before_its_accuracy_rises_then_not_condemned()
    {
        Assert.Null(Watch(Run, 600, step => LossCurves.At(step, Ln10 - (3e-4 * step), step < 400 ? 0.11 : 0.3)));
    }

    [Fact]
    public void Given_a_learned_network_when_its_loss_is_large_then_not_a_silent_failure()
    {
        Assert.Null(Watch(Run, 600, step => LossCurves.At(step, 3, 0.6)));
    }

    [Theory]
    [InlineData(0.0895, true)]
    [InlineData(0.0905, false)]
    public void Given_the_mean_squared_error_when_accuracy_is_above_chance_by_more_than_noise_then_only_a_loss_above_guessing_is_a_failure(
        double level, bool learns)
    {
        // Ten classes: guessing is 0.09; after 200 steps of healthy training it is often half a per cent below.
        RunSpecification run = Run with { Training = Run.Training with { Loss = "mse" } };
        var random = new Random(5);

        DivergenceVerdict? verdict = Watch(run, 400, step => LossCurves.At(
            step, level * LossCurves.Noise(random, 0.005), 0.14 * LossCurves.Noise(random, 0.3)));

        Assert.Equal(learns ? null : "silent-failure", verdict?.Rule);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(1000, false)]
    public void Given_a_loss_still_coming_down_when_it_never_rose_then_slow_and_otherwise_ruined(double jump, bool slow)
    {
        var random = new Random(6);
        DivergenceVerdict? verdict = Watch(
            Run.With(detection => detection with { Rules = ["silent-failure"] }),
            260,
            step => LossCurves.At(
                step,
                2.4 + (8 * Math.Exp(-step / 100.0) * (step is > 0 and < 20 ? jump : 1)),
                0.14 * LossCurves.Noise(random, 0.3)));

        Assert.Equal(slow ? null : "silent-failure", verdict?.Rule);
    }

    [Fact]
    public void Given_a_network_that_learned_and_died_when_seen_then_the_onset_is_its_death_and_not_its_birth()
    {
        DivergenceVerdict? verdict = Watch(
            Run.With(detection => detection with { Rules = ["silent-failure"] }),
            600,
            step => LossCurves.At(step, step < 400 ? 1 : 2.31, step < 400 ? 0.6 : 0.1));

        Assert.Equal("silent-failure", verdict?.Rule);
        Assert.InRange(verdict!.Step, 420, 480);
        Assert.InRange(verdict.OnsetStep!.Value, 380, 420);
    }

    [Fact]
    public void Given_a_long_warmup_when_nothing_is_learned_yet_then_condemned_only_after_it()
    {
        DivergenceVerdict? verdict = Watch(Run, 600, step =>
            LossCurves.At(step, Ln10, 0.1) with { LearningRate = 0.1 * Math.Min(1, (step + 1) / 400.0) });

        Assert.Equal(400, verdict?.Step);
    }

    [Fact]
    public void Given_a_warmup_that_a_remedy_starts_anew_when_nothing_is_learned_yet_then_condemned_only_after_it()
    {
        // The first warmup is still under way at the rollback step 250; the second runs from there for 100 steps.
        DivergenceVerdict? verdict = Watch(Run, 600, step => LossCurves.At(step, Ln10, 0.1) with
        {
            LearningRate = 0.1 * (step < 250 ? (step + 1) / 400.0 : Math.Min(1, (step - 249) / 100.0)),
        });

        Assert.Equal(350, verdict?.Step);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(100, true)]
    public void Given_no_progress_when_the_window_is_over_then_a_stall_unless_turned_off(int window, bool stalls)
    {
        RunSpecification run = Run.With(detection => detection with { StallWindow = window });

        DivergenceVerdict? verdict = Watch(run, 600, step => LossCurves.At(step, 2.3, 0.5));

        Assert.Equal(stalls ? "stall" : null, verdict?.Rule);
        if (stalls)
        {
            Assert.Equal(100, verdict!.Step);
        }
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1.9)]
    public void Given_a_plateau_below_the_allowed_fraction_of_the_first_loss_when_it_lasts_then_no_stall(double plateau)
    {
        RunSpecification run = Run.With(detection => detection with { StallWindow = 100 });
        Assert.Null(Watch(run, 800, step => LossCurves.At(step, plateau + ((2.3 - plateau) * Math.Exp(-step / 20.0)))));
    }

    [Fact]
    public void Given_slow_but_steady_progress_when_watched_then_no_stall()
    {
        RunSpecification run = Run.With(detection => detection with { StallWindow = 100 });
        Assert.Null(Watch(run, 800, step => LossCurves.At(step, 2.3 * Math.Exp(-step / 5000.0))));
    }

    private static DivergenceVerdict? Watch(RunSpecification run, int steps, Func<int, StepMetrics> metrics)
    {
        var detector = new DivergenceDetector(run, Guessing.Uniform(run.Training.Loss, 10));
        return Enumerable.Range(0, steps).Select(step => detector.Observe(metrics(step))).FirstOrDefault(v => v is not null);
    }
}
