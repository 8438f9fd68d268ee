using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Sessions;

namespace CurvatureActors.Training.Tests.Curvature;

public class CurvatureProbeTests
{
    /// <summary>37 examples in batches of 16: the last one has 5.</summary>
    private static RunSpecification Run(
        ModelSpecification model, OptimizerSpecification? optimizer = null, string loss = "cross-entropy",
        double tolerance = 1e-5) =>
        Fixtures.Run(model, optimizer, loss: loss) with
        {
            Curvature = new()
            {
                Enabled = true,
                Examples = 37,
                BatchSize = 16,
                Tolerance = tolerance,
                MaximumProducts = 250,
            },
        };

    private static SnapshotBuffer After(RunSpecification run, DataSplit data, int steps)
    {
        using TrainingSession session = TrainingSession.Create(run, data, TorchSharp.torch.CPU);
        for (int step = 0; step < steps; step++)
        {
            Assert.Null(session.Advance().Verdict);
        }

        return session.Capture(Fixtures.Origin);
    }

    [Theory]
    [InlineData("mlp", "relu", "cross-entropy")]
    [InlineData("mlp", "tanh", "mse")]
    [InlineData("cnn", "tanh", "cross-entropy")]
    [InlineData("cnn", "relu", "mse")]
    [InlineData("cnn", "gelu", "cross-entropy")]
    public void At_initialisation_lambda1_is_the_largest_eigenvalue_of_the_dense_hessian(
        string model, string activation, string loss)
    {
        RunSpecification run = Run(Fixtures.Model(model, activation: activation), loss: loss);
        DataSplit data = Fixtures.Data();
        using SnapshotBuffer snapshot = After(run, data, 0);
        double expected = DenseHessian.Largest(DenseHessian.Of(snapshot, data.Train));

        using CurvatureProbe probe = new(run, data.Train);
        CurvatureMeasurement measured = probe.MeasureCold(snapshot);

        Assert.True(measured.Converged);
        Assert.Equal((0, 37), (measured.Step, measured.Examples));
        Assert.InRange(measured.Lambda1, expected * (1 - 1e-5), expected * (1 + 1e-5));
        Assert.InRange(measured.Residual, 0, 1e-5 * measured.Lambda1);
        Assert.Null(measured.PreconditionedLambda1);
    }
}
