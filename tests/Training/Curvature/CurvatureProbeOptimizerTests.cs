using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Sessions;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Curvature;

/// <summary>What the optimizer, its history and batch normalisation have to do with a measurement.</summary>
public sealed class CurvatureProbeOptimizerTests : IDisposable
{
    private readonly DataSplit _data = Fixtures.Data();

    public void Dispose()
    {
        _data.Train.Dispose();
        _data.Test.Dispose();
    }

    [Theory]
    [InlineData("adam", 0)]
    [InlineData("adam", 0.1)]
    [InlineData("adamw", 0.1)]
    public void Given_weight_decay_then_only_adams_own_is_inside_the_preconditioner(string optimizer, double weightDecay)
    {
        const int Steps = 7;
        RunSpecification run = Measured(
            Fixtures.Model("mlp", activation: "tanh", hidden: [4]),
            Fixtures.Optimizer(optimizer, 0.01, weightDecay) with { Epsilon = 1e-3 }, tolerance: 1e-5);
        using SnapshotBuffer snapshot = After(run, Steps);
        using Tensor dense = DenseHessian.Of(run, _data.Train, snapshot);
        using Tensor square = snapshot.Tensor("optimizer.exp_avg_sq").to(ScalarType.Float64);
        using Tensor root = ((square / (1 - Math.Pow(0.99, Steps))).sqrt() + 1e-3).rsqrt();
        using Tensor inside = dense + (eye(dense.shape[0], dtype: ScalarType.Float64) * (optimizer == "adam" ? weightDecay : 0));
        using Tensor preconditioned = root.unsqueeze(1) * inside * root.unsqueeze(0);
        double expected = DenseHessian.LargestEigenvalue(preconditioned);
        double plain = DenseHessian.LargestEigenvalue(dense);

        using CurvatureProbe probe = new(run, _data.Train);
        foreach (CurvatureMeasurement measured in new[] { probe.MeasureCold(snapshot), probe.Measure(snapshot) })
        {
            Assert.Equal(expected, measured.PreconditionedLambda1!.Value, 1e-4 * expected);
            Assert.Equal(plain, measured.Lambda1, 1e-4 * plain);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void Given_rmsprop_then_its_own_diagonal_without_bias_correction_preconditions(double weightDecay)
    {
        const int Steps = 7;
        RunSpecification run = Measured(
            Fixtures.Model("mlp", activation: "tanh", hidden: [4]),
            Fixtures.Optimizer("rmsprop", 0.002, weightDecay) with { Epsilon = 1e-3 }, tolerance: 1e-5);
        using SnapshotBuffer snapshot = After(run, Steps);
        using Tensor dense = DenseHessian.Of(run, _data.Train, snapshot);
        using Tensor root = (snapshot.Tensor("optimizer.square_avg").to(ScalarType.Float64).sqrt() + 1e-3).rsqrt();
        using Tensor inside = dense + (eye(dense.shape[0], dtype: ScalarType.Float64) * weightDecay);
        using Tensor preconditioned = root.unsqueeze(1) * inside * root.unsqueeze(0);
        double expected = DenseHessian.LargestEigenvalue(preconditioned);

        using CurvatureProbe probe = new(run, _data.Train);
        Assert.Equal(expected, probe.MeasureCold(snapshot).PreconditionedLambda1!.Value, 1e-4 * expected);
        Assert.Equal(expected, probe.Measure(snapshot).PreconditionedLambda1!.Value, 1e-4 * expected);
    }

    [Theory]
    [InlineData("adam")]
    [InlineData("adamw")]
    [InlineData("rmsprop")]
    public void Given_the_initialisation_then_a_remedy_gets_a_preconditioned_lambda1_and_a_critical_rate(string optimizer)
    {
        // Batches as large as all examples: each gradient is that of all, so v is its square.
        RunSpecification run = Measured(
            Fixtures.Model("mlp", activation: "tanh", hidden: [4]),
            Fixtures.Optimizer(optimizer, 10) with { Epsilon = 1e-2 }, tolerance: 1e-5);
        run = run with
        {
            Schedule = run.Schedule with { Kind = "constant", WarmupSteps = 0 },
            Training = run.Training with { BatchSize = _data.Train.Count },
            Curvature = run.Curvature with { Examples = _data.Train.Count, BatchSize = _data.Train.Count, MaximumProducts = 400 },
        };
        using SnapshotBuffer snapshot = After(run, 0);
        using Tensor dense = DenseHessian.Of(run, _data.Train, snapshot);
        using CurvatureProbe probe = new(run, _data.Train);

        CurvatureMeasurement measured = probe.MeasureForRemedy(snapshot);

        // The gradient by an update of plain gradient descent.
        RunSpecification plain = run with { Optimizer = Fixtures.Optimizer("sgd", 1) };
        using SnapshotBuffer moved = After(plain, 1);
        using Tensor gradient = Flat(snapshot, snapshot) - Flat(moved, snapshot);
        using Tensor root = (gradient.abs() + 1e-2).rsqrt();
        using Tensor preconditioned = root.unsqueeze(1) * dense * root.unsqueeze(0);
        double expected = DenseHessian.LargestEigenvalue(preconditioned);
        Assert.Equal(expected, measured.PreconditionedLambda1!.Value, 1e-3 * expected);
        Assert.Null(probe.MeasureCold(snapshot).PreconditionedLambda1);
        Assert.Equal(measured with { Seconds = 0 }, probe.MeasureForRemedy(snapshot) with { Seconds = 0 });

        // An update at the critical rate lowers the loss, one at twice that raises it.
        double before = LossAfterUpdate(run, 1e-12);
        Assert.InRange(LossAfterUpdate(run, measured.CriticalRate!.Value), 0, before);
        Assert.True(LossAfterUpdate(run, 1.2 * measured.CriticalRate.Value) > before);
    }

    [Theory]
    [InlineData("sgd")]
    [InlineData("heavy-ball")]
    [InlineData("adam")]
    public void Given_curvature_off_then_forward_passes_find_the_rate_at_which_the_next_update_raises_the_loss(string optimizer)
    {
        RunSpecification run = Measured(
            Fixtures.Model("mlp", activation: "tanh", hidden: [4]), Fixtures.Optimizer(optimizer, 50), tolerance: 1e-5);
        run = run with
        {
            Schedule = run.Schedule with { Kind = "constant", WarmupSteps = 0 },
            Training = run.Training with { BatchSize = _data.Train.Count },
            // More examples than there are, which nobody asks about when no curvature is measured.
            Curvature = run.Curvature with { Enabled = false, Examples = 10 * _data.Train.Count, BatchSize = _data.Train.Count },
        };
        using SnapshotBuffer snapshot = After(run, 0);
        using CurvatureProbe probe = new(run, _data.Train);

        CriticalRateMeasurement found = probe.SearchForRemedy(snapshot);

        Assert.Equal(0, found.Step);
        Assert.Equal(found, probe.SearchForRemedy(snapshot));
        double before = LossAfterUpdate(run, 1e-12);
        Assert.InRange(LossAfterUpdate(run, found.Rate!.Value), 0, before);
        Assert.True(LossAfterUpdate(run, 1.2 * found.Rate.Value) > before);
    }

    /// <summary>Training loss of the second step, after one update at a rate.</summary>
    private double LossAfterUpdate(RunSpecification run, double rate)
    {
        using TrainingSession session = TrainingSession.Create(
            run with { Optimizer = run.Optimizer with { LearningRate = rate } }, _data, CPU);
        session.Advance();
        return session.Advance().Metrics.Loss;
    }

    private static Tensor Flat(SnapshotBuffer snapshot, SnapshotBuffer names) => cat(
    [
        .. names.Header.Tensors.Select(tensor => tensor.Name)
            .Where(name => !name.StartsWith("optimizer.", StringComparison.Ordinal) && !name.StartsWith("generator.", StringComparison.Ordinal))
            .Select(name => snapshot.Tensor(name).to(ScalarType.Float64).flatten()),
    ]);

    [Theory]
    [InlineData("mlp")]
    [InlineData("cnn")]
    public void Given_batch_normalisation_then_the_statistics_are_those_of_each_hessian_batch(string model)
    {
        RunSpecification run = Measured(
            Fixtures.Model(model, "batch", "tanh", hidden: [4], channels: [2]), tolerance: 1e-5);
        using SnapshotBuffer snapshot = After(run, 5);
        using Tensor dense = DenseHessian.Of(run, _data.Train, snapshot);
        double expected = DenseHessian.LargestEigenvalue(dense);

        // The mean over all examples at once is another function here; if it were not, this test would show nothing.
        RunSpecification one = run with { Curvature = run.Curvature with { BatchSize = run.Curvature.Examples } };
        using Tensor atOnce = DenseHessian.Of(one, _data.Train, snapshot);
        Assert.NotEqual(expected, DenseHessian.LargestEigenvalue(atOnce), 1e-3 * expected);

        using CurvatureProbe probe = new(run, _data.Train);
        double first = probe.MeasureCold(snapshot).Lambda1;
        Assert.Equal(expected, first, 1e-5 * expected);
        Assert.Equal(first, probe.MeasureCold(snapshot).Lambda1);
    }

    [Theory]
    [InlineData("sgd", 0.1)]
    [InlineData("adam", 0.01)]
    public void Given_a_trajectory_then_warm_measurements_agree_with_cold_ones_and_cost_gradient_descent_less(
        string optimizer, double learningRate)
    {
        const double Tolerance = 1e-3;
        RunSpecification run = Measured(
            Fixtures.Model("mlp", activation: "tanh"), Fixtures.Optimizer(optimizer, learningRate), Tolerance);
        using TrainingSession session = TrainingSession.Create(run, _data, CPU);
        using CurvatureProbe probe = new(run, _data.Train);
        int warmProducts = 0;
        int coldProducts = 0;
        for (int step = 0; step < 12; step++)
        {
            using SnapshotBuffer snapshot = session.Capture(Fixtures.Origin);
            CurvatureMeasurement warm = probe.Measure(snapshot);
            CurvatureMeasurement cold = probe.MeasureCold(snapshot);
            Assert.True(warm.Converged && cold.Converged);
            Assert.Equal(cold.Lambda1, warm.Lambda1, 2 * Tolerance * cold.Lambda1);
            Assert.Equal(cold.PreconditionedLambda1.HasValue, warm.PreconditionedLambda1.HasValue);
            if (cold.PreconditionedLambda1 is { } value)
            {
                Assert.Equal(value, warm.PreconditionedLambda1!.Value, 2 * Tolerance * value);
            }

            warmProducts += warm.Products;
            coldProducts += cold.Products;
            Assert.Null(session.Advance().Verdict);
        }

        // Adam's preconditioner turns too fast in its first steps for a warm start to pay.
        Assert.True(optimizer == "adam" || warmProducts < coldProducts, $"{warmProducts} products warm, {coldProducts} cold.");
    }

    /// <summary>By hand: eta is 0.01 at step 0 (a warmup of 5 steps to 0.05), beta and beta1 are 0.9, the decay is 0.1.</summary>
    [Theory]
    [InlineData("sgd", 199.9, 39.9)]
    [InlineData("heavy-ball", 379.9, 75.9)]
    [InlineData("nesterov", 135.61428571428570, 27.042857142857143)]
    [InlineData("adam", 3800, 760)]
    [InlineData("adamw", 3798.1, 758.1)]
    [InlineData("rmsprop", 200, 40)]
    public void Given_an_optimizer_then_threshold_and_ratio_are_those_computed_by_hand(
        string optimizer, double atStart, double afterWarmup)
    {
        RunSpecification run = Measured(
            Fixtures.Model("mlp", activation: "tanh", hidden: [4]), Fixtures.Optimizer(optimizer, 0.05, 0.1));
        using CurvatureProbe probe = new(run, _data.Train);
        foreach ((int steps, double rate, double threshold) in new[] { (0, 0.01, atStart), (5, 0.05, afterWarmup) })
        {
            using SnapshotBuffer snapshot = After(run, steps);
            CurvatureMeasurement measured = probe.Measure(snapshot);
            Assert.Equal(rate, measured.LearningRate, 1e-12);
            Assert.Equal(threshold, measured.Threshold, 1e-9 * threshold);
            double? relevant = optimizer is "adam" or "adamw" or "rmsprop" ? measured.PreconditionedLambda1 : measured.Lambda1;
            Assert.Equal(relevant is null, measured.StabilityRatio is null);
            Assert.Equal((relevant ?? 0) / threshold, measured.StabilityRatio ?? 0, 1e-9);
        }
    }

    [Fact]
    public void Given_a_remedys_plan_then_its_rate_counts_and_the_last_snapshot_has_that_of_the_last_step()
    {
        RunSpecification run = Measured(Fixtures.Model("mlp"));
        run = run with { Training = run.Training with { Steps = 3 } };
        using TrainingSession session = TrainingSession.Create(run, _data, CPU);
        session.Adopt(session.Plan with { PeakLearningRate = 0.02, WarmupSteps = 4 });
        while (!session.Finished)
        {
            session.Advance();
        }

        using SnapshotBuffer snapshot = session.Capture(Fixtures.Origin);
        using CurvatureProbe probe = new(run, _data.Train);
        CurvatureMeasurement measured = probe.Measure(snapshot);
        Assert.Equal(0.02 * 3 / 4, measured.LearningRate, 1e-12);
        Assert.Equal(2 / 0.015, measured.Threshold, 1e-9);
    }

    /// <summary>Four channels of 3x3 are as many inputs as 6x6 pixels: this cnn has all of the mlp's tensors.</summary>
    [Theory]
    [InlineData("mlp", 9)]
    [InlineData("cnn", 7)]
    public void Given_a_snapshot_of_another_network_then_it_is_refused_and_the_probe_goes_on(string model, int hidden)
    {
        RunSpecification run = Measured(Fixtures.Model("mlp", hidden: [7]));
        using SnapshotBuffer other = After(Measured(Fixtures.Model(model, hidden: [hidden], channels: [4])), 0);
        using SnapshotBuffer own = After(run, 0);
        using CurvatureProbe probe = new(run, _data.Train);
        double expected = probe.MeasureCold(own).Lambda1;
        Assert.Throws<SnapshotException>(() => probe.Measure(other));
        Assert.Equal(expected, probe.MeasureCold(own).Lambda1);
    }

    /// <summary>20 examples in batches of 8: the last one has 4.</summary>
    private static RunSpecification Measured(
        ModelSpecification model, OptimizerSpecification? optimizer = null, double tolerance = 1e-3) =>
        Fixtures.Run(model, optimizer) with
        {
            Curvature = new()
            {
                Enabled = true,
                Examples = 20,
                BatchSize = 8,
                Tolerance = tolerance,
                MaximumProducts = 250,
            },
        };

    private SnapshotBuffer After(RunSpecification run, int steps)
    {
        using TrainingSession session = TrainingSession.Create(run, _data, CPU);
        for (int step = 0; step < steps; step++)
        {
            Assert.Null(session.Advance().Verdict);
        }

        return session.Capture(Fixtures.Origin);
    }
}
