using CurvatureActors.Hessian.Operators;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Curvature;
using CurvatureActors.Training.Tests.Sessions;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Models;

/// <summary>Models whose loss and Hessian are known in closed form, through session and probe.</summary>
public class AnalyticModelTests
{
    private static readonly double[] Spectrum = [4, 1.5, 0.25, 0, -0.5];

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    public void Given_a_spectrum_When_the_dense_hessian_is_taken_Then_its_eigenvalues_are_the_spectrum(double noise)
    {
        RunSpecification run = Quadratic(Spectrum, noise);
        using TrainingSession session = Session(run);
        _ = session.Advance();
        using SnapshotBuffer snapshot = session.Capture(Fixtures.Origin);
        using Tensor hessian = DenseHessian.Of(run, DataSets.Load(run.Data).Train, snapshot);
        using Tensor values = linalg.eigvalsh(hessian);
        Assert.Equal(
            Spectrum.Order(), values.to_type(float64).data<double>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);

        using CurvatureProbe probe = new(run, DataSets.Load(run.Data).Train);
        CurvatureMeasurement measurement = probe.MeasureCold(snapshot);
        Assert.Equal(4, measurement.Lambda1, 1e-4);
    }

    [Fact]
    public void Given_no_noise_When_trained_Then_each_coordinate_shrinks_by_1_minus_eta_lambda_and_the_loss_is_the_quadratic()
    {
        const double Rate = 0.3;
        RunSpecification run = Quadratic(Spectrum, noise: 0, Rate);
        using TrainingSession session = Session(run);
        double[] start = Point(session);
        StepMetrics first = session.Advance().Metrics;
        Assert.Equal(start.Zip(Spectrum, (w, lambda) => 0.5 * lambda * w * w).Sum(), first.Loss, 1e-5);
        Assert.Equal(0, first.Accuracy);
        for (int step = 1; step < 5; step++)
        {
            _ = session.Advance();
        }

        double[] end = Point(session);
        for (int i = 0; i < start.Length; i++)
        {
            Assert.Equal(start[i] * Math.Pow(1 - (Rate * Spectrum[i]), 5), end[i], 1e-5);
        }
    }

    [Fact]
    public void Given_noise_When_drawn_Then_it_has_mean_zero_and_its_deviation_and_the_loss_over_all_is_without_it()
    {
        RunSpecification run = Quadratic(Spectrum, noise: 0.5);
        ExampleSet train = DataSets.Load(run.Data).Train;
        long[] all = [.. Enumerable.Range(0, train.Count).Select(i => (long)i)];
        using var scope = NewDisposeScope();
        (Tensor noise, _) = train.Batch(all);
        Assert.Equal([1024, 5], noise.shape);
        Assert.True(noise.mean([0]).abs().max().item<float>() < 1e-6);

        // Five standard errors of a deviation from 5120 draws.
        Assert.Equal(0.5, noise.std().item<float>(), 5 * 0.5 / Math.Sqrt(2 * 5120));
        using Generator generator = new(1);
        using Network network = ModelRegistry.Create(run.Model, new NetworkOptions(train.Shape, 2, CPU), generator);
        double[] w = [.. network.Parameters[0].Value.data<float>().ToArray().Select(value => (double)value)];
        Assert.Equal(
            w.Zip(Spectrum, (x, lambda) => 0.5 * lambda * x * x).Sum(),
            network.Forward(noise, NetworkMode.Measure).mean().item<float>(),
            1e-5);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(-0.5, -4)]
    public void Given_uv_equal_y_When_the_hessian_is_taken_Then_its_eigenvalues_are_0_and_u2_plus_v2(double u, double v)
    {
        RunSpecification run = Uv(u * v);
        ExampleSet train = DataSets.Load(run.Data).Train;
        using var scope = NewDisposeScope();
        using Network network = ModelRegistry.Build(run.Model, new NetworkOptions(train.Shape, 2, CPU, float64));
        Tensor[] point = [.. network.Parameters.Select(parameter => parameter.Value)];
        using (no_grad())
        {
            point[0].fill_(u);
            point[1].fill_(v);
        }

        (Tensor noise, Tensor targets) = train.Batch([.. Enumerable.Range(0, train.Count).Select(i => (long)i)]);
        using HessianOperator hessian = new(
            point,
            [new LossTerm(() => LossRegistry.MeanOutput(network.Forward(noise.to(float64), NetworkMode.Measure), targets), 1)]);
        Tensor dense = stack([hessian.Apply(tensor((double[])[1, 0])), hessian.Apply(tensor((double[])[0, 1]))]);
        double[] expected = [0, (u * u) + (v * v)];
        Assert.Equal(expected, linalg.eigvalsh(dense).data<double>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Given_a_law_When_asked_Then_the_spectrum_is_a_power_law() => Assert.Equal(
        [2, 0.5, 2.0 / 9],
        new QuadraticSpecification { Spectrum = [], Lambda1 = 2, Exponent = 2 }.Eigenvalues(3),
        (a, b) => Math.Abs(a - b) < 1e-12);

    [Fact]
    public void Given_a_spectrum_of_another_length_When_built_Then_the_error_names_both() => Assert.Equal(
        "curvature.model.quadratic.spectrum has 5 eigenvalues; curvature.data.dimension is 3.",
        Assert.Throws<ArgumentException>(() => ModelRegistry.Build(
            Quadratic(Spectrum, 0).Model, new NetworkOptions(new VectorShape(3), 2, CPU))).Message);

    private static RunSpecification Quadratic(double[] spectrum, double noise, double rate = 0.1) => Run(
        ModelSamples.Model("quadratic", "none") with
        {
            Quadratic = new() { Spectrum = new(spectrum), Lambda1 = 1, Exponent = 1 },
        },
        new() { Name = "synthetic", Dimension = spectrum.Length, Noise = noise },
        rate);

    private static RunSpecification Uv(double target) => Run(
        ModelSamples.Model("uv", "none") with { Uv = new() { Target = target } },
        new() { Name = "synthetic", Dimension = 1, Noise = 0.25 },
        rate: 0.1);

    private static RunSpecification Run(ModelSpecification model, DataSpecification data, double rate)
    {
        RunSpecification run = Fixtures.Run(model, Fixtures.Optimizer(learningRate: rate), loss: "output");
        return run with
        {
            Data = data,
            Schedule = run.Schedule with { WarmupSteps = 0 },
            Curvature = run.Curvature with { Examples = 1024, BatchSize = 1024 },
        };
    }

    private static TrainingSession Session(RunSpecification run) =>
        TrainingSession.Create(run, DataSets.Load(run.Data), CPU);

    private static double[] Point(TrainingSession session)
    {
        using SnapshotBuffer snapshot = session.Capture(Fixtures.Origin);
        using Tensor point = snapshot.Tensor("parameter.point.weight");
        return [.. point.data<float>().ToArray().Select(value => (double)value)];
    }
}
