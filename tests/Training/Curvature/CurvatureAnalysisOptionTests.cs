using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Sessions;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Curvature;

/// <summary>What an analysis can be told, against dense matrices in float64.</summary>
public sealed class CurvatureAnalysisOptionTests : IDisposable
{
    private const int Steps = 6;

    private readonly DataSplit _data = Fixtures.Data();

    public void Dispose()
    {
        _data.Train.Dispose();
        _data.Test.Dispose();
    }

    [Theory]
    [InlineData("cross-entropy")]
    [InlineData("mse")]
    public void Given_float64_and_a_small_tolerance_then_the_values_are_those_of_the_dense_matrix_to_it(string loss)
    {
        RunSpecification run = Run("heavy-ball");
        run = run with { Training = run.Training with { Loss = loss } };
        using SnapshotBuffer snapshot = After(run);
        using Tensor dense = DenseHessian.Of(run, _data.Train, snapshot);
        using Tensor exact = linalg.eigvalsh(dense);
        double[] values = [.. exact.data<double>().Reverse()];

        var analysis = CurvatureAnalysis.Of(run, _data.Train, snapshot, new AnalysisOptions
        {
            Top = 3,
            LambdaMin = true,
            ScalarType = ScalarType.Float64,
            Tolerance = 1e-7,
            MaximumProducts = 2000,
        });

        // The oracle's differences are good to about 1e-9.
        Assert.True(analysis.Converged);
        Assert.All(analysis.Largest.Values.Zip(values), pair => Assert.Equal(pair.Second, pair.First, 1e-6 * values[0]));
        Assert.All(analysis.Largest.Residuals, residual => Assert.InRange(residual, 0, 1e-6 * values[0]));
        Assert.Equal(values[^1], analysis.Smallest!.LambdaMin, 1e-6 * values[0]);
    }

    [Theory]
    [InlineData("adam", 0.1)]
    [InlineData("adamw", 0.1)]
    [InlineData("rmsprop", 0.1)]
    public void Given_a_preconditioned_analysis_then_it_is_the_dense_one_and_the_one_of_the_runs_own_measurements(string optimizer, double weightDecay)
    {
        RunSpecification run = Run(optimizer, weightDecay);
        using SnapshotBuffer snapshot = After(run);
        using Tensor dense = DenseHessian.Of(run, _data.Train, snapshot);
        using Tensor square = snapshot.Tensor(optimizer == "rmsprop" ? "optimizer.square_avg" : "optimizer.exp_avg_sq").to(ScalarType.Float64);
        using Tensor root = ((optimizer == "rmsprop" ? square : square / (1 - Math.Pow(0.99, Steps))).sqrt() + 1e-3).rsqrt();
        using Tensor inside = dense + (eye(dense.shape[0], dtype: ScalarType.Float64) * (optimizer == "adamw" ? 0 : weightDecay));
        using Tensor preconditioned = root.unsqueeze(1) * inside * root.unsqueeze(0);
        double expected = DenseHessian.LargestEigenvalue(preconditioned);

        var exact = CurvatureAnalysis.Of(run, _data.Train, snapshot, new AnalysisOptions
        {
            Preconditioned = true,
            ScalarType = ScalarType.Float64,
            Tolerance = 1e-7,
            MaximumProducts = 500,
        });
        Assert.Equal(expected, exact.Preconditioned!.Lambda1, 1e-6 * expected);

        var usual = CurvatureAnalysis.Of(run, _data.Train, snapshot, new AnalysisOptions { Preconditioned = true });
        using CurvatureProbe probe = new(run, _data.Train);
        CurvatureMeasurement measured = probe.MeasureCold(snapshot);
        Assert.Equal(measured.Lambda1, usual.Largest.Lambda1);
        Assert.Equal(measured.PreconditionedLambda1!.Value, usual.Preconditioned!.Lambda1);
        Assert.Equal(measured.Products, usual.Products);
    }

    [Fact]
    public void Given_nothing_more_is_asked_then_an_analysis_costs_what_the_runs_own_measurement_does()
    {
        RunSpecification run = Run("sgd");
        using SnapshotBuffer snapshot = After(run);
        using CurvatureProbe probe = new(run, _data.Train);
        CurvatureMeasurement measured = probe.MeasureCold(snapshot);

        var one = CurvatureAnalysis.Of(run, _data.Train, snapshot, new AnalysisOptions());
        var ends = CurvatureAnalysis.Of(run, _data.Train, snapshot, new AnalysisOptions { LambdaMin = true });

        Assert.Equal((measured.Lambda1, measured.Products), (one.Largest.Lambda1, one.Products));
        Assert.Null(one.Smallest);
        Assert.True(one.Converged);
        Assert.NotNull(ends.Smallest);
        Assert.True(ends.Products > one.Products);
    }

    [Fact]
    public void Given_few_products_then_no_more_are_made_and_no_value_is_called_converged()
    {
        RunSpecification run = Run("sgd");
        using SnapshotBuffer snapshot = After(run);
        var analysis = CurvatureAnalysis.Of(
            run, _data.Train, snapshot, new AnalysisOptions { MaximumProducts = 3, Tolerance = 1e-6, Layers = true });
        Assert.Equal(3, analysis.Largest.Products);
        Assert.False(analysis.Converged);
        Assert.All(analysis.Layers!, layer => Assert.InRange(layer.Products, 1, 3));
        Assert.Contains(analysis.Layers!, layer => !layer.Converged);
        Assert.Equal(3 + analysis.Layers!.Sum(layer => layer.Products), analysis.Products);
    }

    [Fact]
    public void Given_another_seed_then_the_start_is_another_and_the_value_the_same_and_the_runs_own_seed_changes_nothing()
    {
        RunSpecification run = Run("sgd");
        using SnapshotBuffer snapshot = After(run);
        double[] values = [.. new int?[] { null, run.Seed, 11, 12 }.Select(seed => CurvatureAnalysis.Of(
            run, _data.Train, snapshot, new AnalysisOptions { Seed = seed, MaximumProducts = 200 }).Largest.Lambda1)];
        Assert.Equal(values[0], values[1]);
        Assert.Equal(4 - 1, values.Distinct().Count());
        Assert.All(values, value => Assert.Equal(values[0], value, 1e-3 * values[0]));
    }

    [Fact]
    public void Given_a_batch_size_then_it_is_that_of_a_run_with_it()
    {
        // Batch statistics make each division another loss.
        RunSpecification run = Run("sgd", model: Fixtures.Model("mlp", "batch", "tanh", hidden: [4]));
        RunSpecification other = run with { Curvature = run.Curvature with { BatchSize = 5 } };
        using SnapshotBuffer snapshot = After(run);
        using Tensor dense = DenseHessian.Of(other, _data.Train, snapshot);
        double expected = DenseHessian.LargestEigenvalue(dense);

        double found = CurvatureAnalysis.Of(run, _data.Train, snapshot, new AnalysisOptions { BatchSize = 5, MaximumProducts = 200 }).Largest.Lambda1;
        double own = CurvatureAnalysis.Of(run, _data.Train, snapshot, new AnalysisOptions { MaximumProducts = 200 }).Largest.Lambda1;

        Assert.Equal(expected, found, 2e-3 * expected);
        Assert.NotEqual(own, found, 1e-2 * expected);
    }

    [Theory]
    [InlineData("sgd", Steps, "sgd has no preconditioner")]
    [InlineData("adam", 0, "adam has no preconditioner before its first update")]
    public void Given_no_preconditioner_then_the_error_says_why(string optimizer, int steps, string message)
    {
        RunSpecification run = Run(optimizer);
        using SnapshotBuffer snapshot = After(run, steps);
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(
            () => CurvatureAnalysis.Of(run, _data.Train, snapshot, new AnalysisOptions { Preconditioned = true }));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    private SnapshotBuffer After(RunSpecification run, int steps = Steps)
    {
        using TrainingSession session = TrainingSession.Create(run, _data, CPU);
        for (int step = 0; step < steps; step++)
        {
            session.Advance();
        }

        return session.Capture(Fixtures.Origin);
    }

    private static RunSpecification Run(string optimizer, double weightDecay = 0, ModelSpecification? model = null) => Fixtures.Run(
        model ?? Fixtures.Model("mlp", activation: "tanh", hidden: [4]),
        Fixtures.Optimizer(optimizer, 0.01, weightDecay) with { Epsilon = 1e-3 }) with
    {
        Curvature = new() { Enabled = true, Examples = 20, BatchSize = 8, Tolerance = 1e-3, MaximumProducts = 60 },
    };
}
