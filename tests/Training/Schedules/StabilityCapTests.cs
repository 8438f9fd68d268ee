using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Schedules;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Models;
using CurvatureActors.Training.Tests.Sessions;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Schedules;

/// <summary>The capped rate against closed forms, and that it follows from the steps alone.</summary>
public class StabilityCapTests
{
    private const double Ratio = 0.5;
    private static readonly double[] Spectrum = [4, 2, 1];

    [Theory]
    // eta times the threshold with beta = 0.9, over lambda1 = 4; with weight decay g the threshold is C/eta - g.
    [InlineData("sgd", 0, 2, Ratio * 2 / 4)]
    [InlineData("heavy-ball", 0, 3.8, Ratio * 3.8 / 4)]
    [InlineData("nesterov", 0, 3.8 / 2.8, Ratio * 3.8 / 2.8 / 4)]
    [InlineData("sgd", 0.5, 2, 2 / ((4 / Ratio) + 0.5))]
    public void Given_twice_the_stable_rate_When_capped_Then_the_rate_keeps_the_ratio_and_training_converges_which_otherwise_diverges(
        string optimizer, double weightDecay, double constant, double expected)
    {
        RunSpecification run = Quadratic(optimizer, rate: 2 * constant / 4, weightDecay);
        Assert.Contains(Train(run with { Schedule = run.Schedule with { StabilityCap = null } }), step => step.Verdict is not null);

        List<StepOutcome> capped = Train(run);
        Assert.Equal(60, capped.Count);
        Assert.All(capped, step => Assert.Equal(expected, step.Metrics.LearningRate, 1e-5));
        Assert.True(capped[^1].Metrics.Loss < 0.05 * capped[0].Metrics.Loss);
    }

    [Fact]
    public void Given_adam_When_capped_Then_its_own_threshold_on_the_preconditioned_lambda1_decides_from_its_first_preconditioner_on()
    {
        // After one update from 0, P is |gradient| = |lambda_i w_i|: of H / P the largest entry is 1 / min |w_i|.
        RunSpecification run = Quadratic("adam", rate: 10);
        using TrainingSession session = Session(run);
        using SnapshotBuffer start = session.Capture(Fixtures.Origin);
        using Tensor point = start.Tensor("parameter.point.weight");
        double smallest = point.data<float>().ToArray().Min(value => Math.Abs((double)value));
        List<StepOutcome> steps = Train(run);
        Assert.Equal(10, steps[0].Metrics.LearningRate);
        Assert.Equal(Ratio * 38 * smallest, steps[1].Metrics.LearningRate, 1e-3 * smallest);
    }

    [Theory]
    [InlineData(0, 0.25)]
    [InlineData(14, 0.25)]
    [InlineData(15, 0.125)]
    [InlineData(24, 0.125)]
    [InlineData(25, 0.4)]
    [InlineData(30, 0.4)]
    [InlineData(33, 0.1)]
    public void Given_measurements_When_asked_Then_each_is_in_force_from_its_step_on_until_the_next_with_a_value(int step, double expected)
    {
        // sgd: ratio * 2 / sharpness, and the scheduled 0.4 where that is lower. One without a value, one that curves down.
        StabilityLimit[] limits =
            [new(0, 0, 4), new(10, 15, 8), new(12, 17, null), new(20, 25, -1), new(22, 27, null), new(28, 33, 10)];
        Assert.Equal(expected, StabilityCap.Apply(0.4, step, Quadratic("sgd", 0.4), limits), 1e-15);
        Assert.Equal(0.4, StabilityCap.Apply(0.4, step, Fixtures.Run(), limits));
        Assert.Equal(
            StabilityCap.InForce(limits, step), StabilityCap.InForce(StabilityCap.Needed(limits, step), step));
    }

    [Fact]
    public void Given_a_measurement_that_comes_late_after_a_newer_one_When_asked_Then_the_newer_one_stays() =>
        Assert.Equal(2, StabilityCap.InForce([new(12, 12, 2), new(10, 15, 8)], 20)!.Sharpness);

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(2, 0, 2)]
    [InlineData(3, 0, 10)]
    [InlineData(30, 30, 30)]
    [InlineData(33, 30, 40)]
    [InlineData(int.MaxValue - 1, 30, int.MaxValue)]
    public void Given_a_step_When_measured_Then_it_limits_itself_where_the_trainer_waits_and_the_step_after_the_lag_elsewhere(
        int step, int attemptFrom, int expected) => Assert.Equal(expected, Cap(lag: 7).LimitsFrom(step, attemptFrom));

    [Fact]
    public void Given_a_limit_on_an_update_that_is_made_When_told_Then_the_error_names_both_steps()
    {
        using TrainingSession session = Session(Quadratic("sgd", 0.1));
        session.Limit(new StabilityLimit(0, 0, 4));
        _ = session.Advance();
        Assert.Contains(
            "from step 0 on comes too late at step 1",
            Assert.Throws<ArgumentOutOfRangeException>(() => session.Limit(new StabilityLimit(0, 0, 4))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Given_values_that_come_at_once_or_at_the_last_moment_When_trained_Then_the_same_bits_and_not_those_without_a_cap()
    {
        RunSpecification run = Images();
        string prompt = Sha(run, late: false);
        Assert.Equal(prompt, Sha(run, late: true));
        Assert.NotEqual(prompt, Sha(run with { Schedule = run.Schedule with { StabilityCap = null } }, late: false));
    }

    [Theory]
    // In the dense steps; with measurements of steps 8 and 12 under way; after the last.
    [InlineData(2)]
    [InlineData(13)]
    [InlineData(24)]
    public void Given_a_snapshot_amid_measurements_When_resumed_from_its_file_Then_the_same_bits(int at)
    {
        RunSpecification run = Images();
        string undisturbed = Sha(run, late: true);

        using TrainingSession first = Fixtures.Session(run);
        using CappedTraining driver = new(run, first, Fixtures.Data(), late: true);
        SnapshotBuffer? taken = null;
        for (int step = 0; step <= at; step++)
        {
            driver.Prepare();
            if (step == at)
            {
                // What the trainer does with a snapshot that waits for measurements of earlier steps.
                using SnapshotBuffer raw = first.Capture(Fixtures.Origin);
                taken = raw.WithLimits(driver.UnderWay.Where(limit => limit.MeasuredAt < at));
            }

            driver.Advance();
        }

        using MemoryStream file = new();
        taken!.WriteTo(file);
        file.Position = 0;
        using SnapshotBuffer read = SnapshotBuffer.Read(file, file.Length, "test");
        Assert.Equal(taken.Header, read.Header);
        Assert.NotEmpty(read.Header.StabilityLimits!);
        taken.Dispose();

        using TrainingSession second = Fixtures.Session(run);
        second.Restore(read);
        using CappedTraining resumed = new(run, second, Fixtures.Data(), late: true);
        resumed.Finish();
        Assert.Equal(undisturbed, second.ParametersSha256());
    }

    [Fact]
    public void Given_rates_that_rest_on_lambda1_When_measured_along_a_run_Then_each_value_is_that_of_a_cold_start()
    {
        RunSpecification run = Images();
        DataSplit data = Fixtures.Data();
        using TrainingSession session = Fixtures.Session(run);
        using CurvatureProbe travelled = new(run, data.Train);
        for (int step = 0; step < 3; step++)
        {
            using SnapshotBuffer snapshot = session.Capture(Fixtures.Origin);
            using CurvatureProbe fresh = new(run, data.Train);
            Assert.Equal(fresh.MeasureCold(snapshot).Lambda1, travelled.Measure(snapshot).Lambda1);
            _ = session.Advance();
        }
    }

    [Fact]
    public void Given_a_measurement_that_limits_its_own_update_When_put_at_that_rate_Then_threshold_and_ratio_follow()
    {
        CurvatureMeasurement measured = StabilityCap.AtRate(
            new CurvatureMeasurement
            {
                Step = 0,
                Lambda1 = 8,
                Residual = 0,
                Converged = true,
                Products = 1,
                Examples = 1,
                LearningRate = 9,
                Threshold = 2.0 / 9,
                StabilityRatio = 36,
                Seconds = 0,
            },
            rate: 0.125,
            Fixtures.Optimizer());
        Assert.Equal((0.125, 16, 0.5), (measured.LearningRate, measured.Threshold, measured.StabilityRatio));
    }

    private static StabilityCapSpecification Cap(int lag) => new() { Ratio = Ratio, Lag = lag, DenseSteps = 3, Every = 4 };

    private static RunSpecification Quadratic(string optimizer, double rate, double weightDecay = 0)
    {
        RunSpecification run = Fixtures.Run(
            ModelSamples.Model("quadratic", "none") with
            {
                Quadratic = new() { Spectrum = new(Spectrum), Lambda1 = 1, Exponent = 1 },
            },
            Fixtures.Optimizer(optimizer, rate, weightDecay),
            steps: 60,
            loss: "output");
        return run with
        {
            Data = new() { Name = "synthetic", Dimension = Spectrum.Length, Noise = 0 },
            Schedule = run.Schedule with { WarmupSteps = 0, StabilityCap = Cap(lag: 2) },
            Curvature = run.Curvature with { Enabled = true, Examples = 16, BatchSize = 16, Tolerance = 1e-6 },
        };
    }

    /// <summary>A network whose lambda1 changes, at a rate that the cap lowers.</summary>
    private static RunSpecification Images()
    {
        RunSpecification run = Fixtures.Run(Fixtures.Model(dropout: 0.2), Fixtures.Optimizer("heavy-ball", 1), steps: 26);
        return run with
        {
            Schedule = run.Schedule with { StabilityCap = Cap(lag: 6) },
            Curvature = run.Curvature with { Enabled = true },
        };
    }

    private static TrainingSession Session(RunSpecification run) =>
        TrainingSession.Create(run, DataSets.Load(run.Data), CPU);

    private static List<StepOutcome> Train(RunSpecification run)
    {
        using TrainingSession session = Session(run);
        using CappedTraining driver = new(run, session, DataSets.Load(run.Data), late: false);
        return driver.Finish();
    }

    private static string Sha(RunSpecification run, bool late)
    {
        using TrainingSession session = Fixtures.Session(run);
        using CappedTraining driver = new(run, session, Fixtures.Data(), late);
        _ = driver.Finish();
        return session.ParametersSha256();
    }
}
