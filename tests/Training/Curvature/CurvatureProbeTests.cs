using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Sessions;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Curvature;

public sealed class CurvatureProbeTests
{
    [Theory]
    [InlineData("mlp", "none", "tanh", "cross-entropy")]
    [InlineData("mlp", "none", "relu", "mse")]
    [InlineData("cnn", "none", "relu", "cross-entropy")]
    [InlineData("cnn", "none", "gelu", "mse")]
    [InlineData("cnn", "layer", "relu", "cross-entropy")]
    [InlineData("cnn", "batch", "tanh", "cross-entropy")]
    public void Given_a_run_at_step_0_then_lambda1_is_the_largest_eigenvalue_of_the_dense_hessian(
        string kind, string normalization, string activation, string loss)
    {
        // 20 examples in batches of 8: the last one has 4.
        RunSpecification specification = Measured(Fixtures.Run(
            Fixtures.Model(kind, normalization, activation, hidden: [4], channels: [2, 3]), loss: loss));
        using DataSplitScope data = new();
        using TrainingSession session = TrainingSession.Create(specification, data.Split, CPU);
        using SnapshotBuffer snapshot = session.Capture(Fixtures.Origin);
        using var probe = new CurvatureProbe(specification, data.Split.Train);
        using Tensor dense = DenseHessian.Of(specification, data.Split.Train, snapshot);

        CurvatureMeasurement cold = probe.MeasureCold(snapshot);
        CurvatureMeasurement first = probe.Measure(snapshot);

        double expected = DenseHessian.LargestEigenvalue(dense);
        Assert.True(cold.Converged);
        Assert.Equal(expected, cold.Lambda1, 1e-5 * expected);
        Assert.Equal(expected, first.Lambda1, 1e-5 * expected);
        Assert.Equal(0, cold.Step);
        Assert.Equal(20, cold.Examples);
    }

    [Fact]
    public void Given_adam_then_the_preconditioned_value_is_that_of_the_dense_matrix_and_absent_before_the_first_update()
    {
        OptimizerSpecification adam = Fixtures.Optimizer("adam", learningRate: 0.01, weightDecay: 0.02);
        RunSpecification specification = Measured(Fixtures.Run(Fixtures.Model("mlp", activation: "tanh", hidden: [4]), adam));
        using DataSplitScope data = new();
        using TrainingSession session = TrainingSession.Create(specification, data.Split, CPU);
        using var probe = new CurvatureProbe(specification, data.Split.Train);

        using (SnapshotBuffer start = session.Capture(Fixtures.Origin))
        {
            CurvatureMeasurement atStart = probe.Measure(start);
            Assert.Null(atStart.PreconditionedLambda1);
            Assert.Null(atStart.StabilityRatio);
        }

        for (int i = 0; i < 12; i++)
        {
            session.Advance();
        }

        using SnapshotBuffer snapshot = session.Capture(Fixtures.Origin);
        CurvatureMeasurement measured = probe.MeasureCold(snapshot);

        using Tensor dense = DenseHessian.Of(specification, data.Split.Train, snapshot);
        using Tensor v = snapshot.Tensor("optimizer.exp_avg_sq").to(ScalarType.Float64);
        using Tensor p = (v / (1 - Math.Pow(adam.Beta2, 12))).sqrt() + adam.Epsilon;
        using Tensor root = p.rsqrt();
        using Tensor shifted = dense + (eye(dense.shape[0], dtype: ScalarType.Float64) * adam.WeightDecay);
        using Tensor preconditioned = root.unsqueeze(1) * shifted * root.unsqueeze(0);
        double expected = DenseHessian.LargestEigenvalue(preconditioned);
        Assert.Equal(expected, measured.PreconditionedLambda1!.Value, 1e-4 * expected);
        Assert.Equal(38 / measured.LearningRate, measured.Threshold, 1e-9 * measured.Threshold);
        Assert.Equal(measured.PreconditionedLambda1.Value / measured.Threshold, measured.StabilityRatio!.Value, 1e-12);
    }

    [Theory]
    [InlineData("sgd", 2.0)]
    [InlineData("heavy-ball", 3.8)]
    [InlineData("nesterov", 2 * 1.9 / 2.8)]
    public void Given_an_optimizer_then_the_threshold_is_its_constant_over_the_rate_less_the_weight_decay(
        string kind, double constant)
    {
        RunSpecification specification = Measured(Fixtures.Run(optimizer: Fixtures.Optimizer(kind, 0.05, weightDecay: 0.3)));
        using DataSplitScope data = new();
        using TrainingSession session = TrainingSession.Create(specification, data.Split, CPU);
        using SnapshotBuffer snapshot = session.Capture(Fixtures.Origin);
        using var probe = new CurvatureProbe(specification, data.Split.Train);

        CurvatureMeasurement measured = probe.Measure(snapshot);

        // Five steps of warmup: step 0 has a fifth of the rate.
        Assert.Equal(0.01, measured.LearningRate, 1e-12);
        Assert.Equal((constant / 0.01) - 0.3, measured.Threshold, 1e-9);
        Assert.Equal(measured.Lambda1 / measured.Threshold, measured.StabilityRatio!.Value, 1e-12);
    }

    [Fact]
    public void Given_a_cold_measurement_then_it_depends_on_the_snapshot_alone_to_the_bit()
    {
        RunSpecification specification = Measured(Fixtures.Run());
        using DataSplitScope data = new();
        using TrainingSession session = TrainingSession.Create(specification, data.Split, CPU);
        using SnapshotBuffer first = session.Capture(Fixtures.Origin);
        session.Advance();
        using SnapshotBuffer second = session.Capture(Fixtures.Origin);
        using var probe = new CurvatureProbe(specification, data.Split.Train);
        using var other = new CurvatureProbe(specification, data.Split.Train);

        double fresh = other.MeasureCold(second).Lambda1;
        probe.Measure(first);
        probe.Measure(second);
        probe.MeasureCold(first);

        Assert.Equal(fresh, probe.MeasureCold(second).Lambda1);
    }

    [Fact]
    public void Given_measurements_then_snapshot_and_session_stay_as_they_were()
    {
        RunSpecification specification = Measured(Fixtures.Run(Fixtures.Model(normalization: "batch", dropout: 0.3)));
        using DataSplitScope data = new();
        using TrainingSession watched = TrainingSession.Create(specification, data.Split, CPU);
        using TrainingSession alone = TrainingSession.Create(specification, data.Split, CPU);
        using var probe = new CurvatureProbe(specification, data.Split.Train);
        for (int i = 0; i < 10; i++)
        {
            using SnapshotBuffer snapshot = watched.Capture(Fixtures.Origin);
            string before = Content(snapshot);
            probe.Measure(snapshot);
            Assert.Equal(before, Content(snapshot));
            Assert.Equal(alone.Advance(), watched.Advance());
        }

        Assert.Equal(alone.ParametersSha256(), watched.ParametersSha256());
    }

    [Fact]
    public void Given_a_training_run_then_the_warm_value_agrees_with_the_cold_one_within_the_tolerance()
    {
        RunSpecification specification = Measured(Fixtures.Run());
        specification = specification with { Curvature = specification.Curvature with { Tolerance = 1e-3 } };
        using DataSplitScope data = new();
        using TrainingSession session = TrainingSession.Create(specification, data.Split, CPU);
        using var warm = new CurvatureProbe(specification, data.Split.Train);
        for (int step = 0; step < 30; step++)
        {
            using SnapshotBuffer snapshot = session.Capture(Fixtures.Origin);
            double expected = warm.MeasureCold(snapshot).Lambda1;
            Assert.Equal(expected, warm.Measure(snapshot).Lambda1, 5e-3 * Math.Abs(expected));
            session.Advance();
        }
    }

    private static RunSpecification Measured(RunSpecification specification) => specification with
    {
        Curvature = new CurvatureSpecification
        {
            Enabled = true,
            Examples = 20,
            BatchSize = 8,
            Tolerance = 1e-6,
            MaximumProducts = 150,
        },
    };

    private static string Content(SnapshotBuffer snapshot)
    {
        using var stream = new MemoryStream();
        snapshot.WriteTo(stream);
        return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(stream.ToArray()));
    }

    private sealed class DataSplitScope : IDisposable
    {
        public DataSplit Split { get; } = Fixtures.Data();

        public void Dispose()
        {
            Split.Train.Dispose();
            Split.Test.Dispose();
        }
    }
}
