using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Curvature.Kinds;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Sessions;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Curvature;

/// <summary>Each kind on a small network after some steps, against the dense Hessian and first derivatives in float64.</summary>
public sealed class MeasurementKindTests : IDisposable
{
    private readonly DataSplit _data = Fixtures.Data();
    private readonly RunSpecification _run = Measured("heavy-ball");
    private readonly SnapshotBuffer _snapshot;
    private readonly Lazy<Tensor> _dense;

    public MeasurementKindTests()
    {
        _snapshot = After(_run, 6);
        _dense = new(() => DenseHessian.Of(_run, _data.Train, _snapshot));
    }

    public void Dispose()
    {
        _snapshot.Dispose();
        if (_dense.IsValueCreated)
        {
            _dense.Value.Dispose();
        }

        _data.Train.Dispose();
        _data.Test.Dispose();
    }

    [Fact]
    public void Given_top_then_the_eigenvalues_at_both_ends_are_those_of_the_dense_hessian()
    {
        double[] exact = Eigenvalues();
        KindMeasurement top = Measure(new("top", [new("count", 4)]));

        for (int i = 0; i < 4; i++)
        {
            MeasuredValue value = Value(top, $"lambda{i + 1}");
            Assert.Equal(exact[^(i + 1)], value.Value, 1e-4 * exact[^1]);
            Assert.InRange(value.Error!.Value, 0, 1e-5 * exact[^1]);
        }

        Assert.Equal(exact[0], Value(top, "lambda-min").Value, 1e-4 * exact[^1]);
        Assert.Equal(exact[^1] / exact[^2], Value(top, "gap-ratio").Value, 1e-3);
        Assert.Equal(["lambda1", "lambda2", "lambda3", "lambda4", "lambda-min", "gap-ratio"], top.Values.Select(value => value.Name));
    }

    [Fact]
    public void Given_trace_then_it_is_that_of_the_dense_hessian_within_its_error()
    {
        double exact = _dense.Value.trace().item<double>();
        KindMeasurement trace = Measure(new("trace", [new("products", 60)]));
        MeasuredValue estimate = Value(trace, "estimate");

        Assert.InRange(estimate.Error!.Value, 1e-6 * exact, 0.2 * exact);
        Assert.Equal(exact, estimate.Value, 4 * estimate.Error.Value);
        Assert.Equal(60, trace.Products);
    }

    [Fact]
    public void Given_density_then_its_moments_are_those_of_the_dense_hessian_and_it_integrates_to_one()
    {
        double[] exact = Eigenvalues();
        KindMeasurement density = Measure(new("density", [new("probes", 20), new("steps", 10)]));

        MeasuredValue mean = Value(density, "mean");
        MeasuredValue square = Value(density, "mean-square");
        Assert.Equal(exact.Average(), mean.Value, 4 * mean.Error!.Value);
        Assert.Equal(exact.Average(value => value * value), square.Value, 4 * square.Error!.Value);
        double spacing = density.Density!.Grid[1] - density.Density.Grid[0];
        Assert.Equal(1, density.Density.Density.Sum() * spacing, 1e-3);
        Assert.Equal(200, density.Products);
    }

    [Fact]
    public void Given_layers_then_blocks_and_shares_are_those_of_the_dense_hessian()
    {
        KindMeasurement layers = Measure(new("layers", []));
        using Float64Loss loss = Float64Loss.OverExamples(_run, _data.Train, _snapshot);
        using Tensor vectors = linalg.eigh(_dense.Value).Item2;
        double[] top = vectors.select(1, vectors.shape[1] - 1).contiguous().data<double>().ToArray();
        int offset = 0;
        foreach ((string name, int count) in loss.Layout)
        {
            using Tensor block = _dense.Value.narrow(0, offset, count).narrow(1, offset, count);
            double expected = DenseHessian.LargestEigenvalue(block);
            Assert.Equal(expected, Value(layers, $"{name}/lambda1").Value, 1e-4 * expected);
            Assert.Equal(top[offset..(offset + count)].Sum(part => part * part), Value(layers, $"{name}/share").Value, 1e-3);
            offset += count;
        }

        Assert.Equal(2 * loss.Layout.Count, layers.Values.Count);
    }

    /// <summary>In float64, bisected far below the estimator's own precision of 1/16.</summary>
    [Theory]
    [InlineData("sgd")]
    [InlineData("heavy-ball")]
    [InlineData("adam")]
    public void Given_critical_sharpness_then_its_bracket_holds_where_the_optimizers_step_begins_to_raise_the_loss(string optimizer)
    {
        RunSpecification run = Measured(optimizer);
        using SnapshotBuffer snapshot = After(run, 6);
        using CurvatureProbe probe = new(run, _data.Train);
        KindMeasurement critical = Assert.Single(probe.Measure(snapshot, false, [new("critical-sharpness", [])]).Kinds);
        using Float64Loss loss = Float64Loss.OverExamples(run, _data.Train, snapshot);
        double[] update = ExpectedUpdate(run, snapshot, loss.Gradient());
        double[] values = loss.Values;
        double before = loss.Loss();
        double[] g = loss.Gradient();
        double low = 0;
        double high = 1e-4;
        while (LossAfter(high) <= before)
        {
            high *= 2;
        }

        for (int i = 0; i < 30; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = LossAfter(middle) <= before ? (middle, high) : (low, middle);
        }

        MeasuredValue sharpness = Value(critical, "sharpness");
        Assert.InRange(sharpness.Error!.Value, 1e-12, sharpness.Value / 16);
        Assert.Equal(2 / high, sharpness.Value, 1.1 * sharpness.Error.Value);
        Assert.Equal(0.05 / high, Value(critical, "ratio").Value, 0.05 / high / 15);
        Assert.Equal(0, critical.Products);
        Assert.Equal(Dot(update, g) / Math.Sqrt(Dot(update, update) * Dot(g, g)), Value(critical, "alignment").Value, 1e-5);

        double LossAfter(double rate)
        {
            loss.Values = [.. values.Zip(update, (value, part) => value - (rate * part))];
            return loss.Loss();
        }
    }

    [Fact]
    public void Given_an_update_that_climbs_then_there_is_no_critical_sharpness_and_the_alignment_says_why()
    {
        // A decay below 0 lets the weights grow, against the gradient of labels that nothing can be learnt from.
        const double Decay = -100;
        RunSpecification trained = Measured("sgd");
        RunSpecification run = trained with { Optimizer = trained.Optimizer with { WeightDecay = Decay } };
        using CurvatureProbe probe = new(run, _data.Train);
        using SnapshotBuffer snapshot = After(trained, 40);
        using Float64Loss loss = Float64Loss.OverExamples(run, _data.Train, snapshot);
        double[] gradient = loss.Gradient();
        double[] update = [.. ExpectedUpdate(run, snapshot, gradient).Zip(loss.Values, (part, value) => part + (Decay * value))];
        double alignment = Dot(update, gradient) / Math.Sqrt(Dot(update, update) * Dot(gradient, gradient));

        KindMeasurement critical = Assert.Single(probe.Measure(snapshot, false, [new("critical-sharpness", [])]).Kinds);

        Assert.InRange(alignment, -1, -1e-3);
        Assert.Equal(alignment, Value(critical, "alignment").Value, 1e-5);
        Assert.Equal(new MeasuredValue("sharpness", double.NaN), Value(critical, "sharpness"));
        Assert.Equal(new MeasuredValue("ratio", double.NaN), Value(critical, "ratio"));
    }

    [Fact]
    public void Given_batch_sharpness_then_it_is_the_mean_over_the_batches_of_the_curvature_along_their_gradients()
    {
        // One batch an epoch: every batch is the whole training set in another order.
        RunSpecification run = _run with { Training = _run.Training with { BatchSize = _data.Train.Count } };
        using SnapshotBuffer snapshot = After(run, 3);
        using CurvatureProbe probe = new(run, _data.Train);
        KindMeasurement measured = Assert.Single(probe.Measure(snapshot, false, [new("batch-sharpness", [new("batches", 3)])]).Kinds);
        using Float64Loss loss = new(run, _data.Train, snapshot, [[.. Enumerable.Range(0, _data.Train.Count).Select(i => (long)i)]]);
        double[] gradient = loss.Gradient();

        double expected = Dot(gradient, loss.Product(gradient)) / Dot(gradient, gradient);
        MeasuredValue sharpness = Value(measured, "sharpness");
        Assert.Equal(expected, sharpness.Value, 1e-4 * Math.Abs(expected));
        Assert.InRange(sharpness.Error!.Value, 0, 1e-4 * Math.Abs(expected));
        Assert.Equal(3, measured.Products);
    }

    [Fact]
    public void Given_small_batches_then_batch_sharpness_scatters_and_is_the_same_each_time()
    {
        MeasuredValue first = Value(Measure(new("batch-sharpness", [new("batches", 4)])), "sharpness");
        Assert.True(first.Error > 1e-3 * first.Value);
        Assert.Equal(first, Value(Measure(new("batch-sharpness", [new("batches", 4)])), "sharpness"));
    }

    [Fact]
    public void Given_directional_then_curvatures_and_overlaps_are_those_of_the_dense_hessian()
    {
        KindMeasurement directional = Measure(new("directional", [new("count", 2)]));
        using Float64Loss loss = Float64Loss.OverExamples(_run, _data.Train, _snapshot);
        double[] gradient = loss.Gradient();
        double[] update = ExpectedUpdate(_run, _snapshot, gradient);
        using Tensor vectors = linalg.eigh(_dense.Value).Item2;

        Assert.Equal(Along(gradient), Value(directional, "gradient").Value, 1e-4 * Along(gradient));
        Assert.Equal(Along(update), Value(directional, "update").Value, 1e-4 * Along(update));
        double total = 0;
        for (int i = 1; i <= 2; i++)
        {
            double[] vector = vectors.select(1, vectors.shape[1] - i).contiguous().data<double>().ToArray();
            double share = Math.Pow(Dot(vector, gradient), 2) / Dot(gradient, gradient);
            Assert.Equal(share, Value(directional, $"overlap/{i}").Value, 1e-3);
            total += share;
        }

        Assert.Equal(total, Value(directional, "overlap").Value, 1e-3);

        double Along(double[] direction) => Dot(direction, loss.Product(direction)) / Dot(direction, direction);
    }

    [Fact]
    public void Given_several_kinds_then_each_is_as_alone_lambda1_too_and_a_failing_one_costs_itself()
    {
        KindRequest[] requests =
        [
            new("top", [new("count", 2)]), new("no-such-kind", []), new("trace", []), new("critical-sharpness", []),
            new("directional", [new("count", 2)]), new("batch-sharpness", [new("batches", 2)]), new("layers", []),
            new("density", [new("probes", 2), new("steps", 5)]),
        ];
        using CurvatureProbe alone = new(_run, _data.Train);
        using CurvatureProbe together = new(_run, _data.Train);
        for (int steps = 4; steps < 8; steps++)
        {
            using SnapshotBuffer snapshot = After(_run, steps);
            CurvatureMeasurement expected = alone.Measure(snapshot);
            SnapshotMeasurements measured = together.Measure(snapshot, lambda1: true, requests);

            Assert.Equal(expected with { Seconds = 0 }, measured.Lambda1! with { Seconds = 0 });
            Assert.Equal(requests.Select(request => request.Kind), measured.Kinds.Select(kind => kind.Kind));
            Assert.Contains("no-such-kind", measured.Kinds[1].Failure, StringComparison.Ordinal);
            Assert.Contains("products", measured.Kinds[2].Failure, StringComparison.Ordinal);
            Assert.All(measured.Kinds.Where((_, i) => i is not (1 or 2)).Zip(requests.Where((_, i) => i is not (1 or 2))), pair =>
            {
                using CurvatureProbe other = new(_run, _data.Train);
                KindMeasurement single = Assert.Single(other.Measure(snapshot, lambda1: false, [pair.Second]).Kinds);
                Assert.Null(pair.First.Failure);
                Assert.Equal(snapshot.Header.Step, pair.First.Step);
                Assert.Equal(single.Values, pair.First.Values);
            });
        }
    }

    [Fact]
    public void Given_kinds_without_lambda1_then_its_warm_start_stays_as_it_was()
    {
        using CurvatureProbe alone = new(_run, _data.Train);
        using CurvatureProbe interrupted = new(_run, _data.Train);
        using SnapshotBuffer later = After(_run, 8);
        alone.Measure(_snapshot);
        interrupted.Measure(_snapshot);

        Assert.Null(interrupted.Measure(later, lambda1: false, [new("top", [new("count", 3)])]).Lambda1);

        Assert.Equal(alone.Measure(later) with { Seconds = 0 }, interrupted.Measure(later) with { Seconds = 0 });
    }

    private static RunSpecification Measured(string optimizer) => Fixtures.Run(
        Fixtures.Model("mlp", activation: "tanh", hidden: [4]), Fixtures.Optimizer(optimizer, 0.05), clipNorm: 1) with
    {
        Curvature = new() { Enabled = true, Examples = 20, BatchSize = 8, Tolerance = 1e-6, MaximumProducts = 250 },
    };

    private KindMeasurement Measure(KindRequest request)
    {
        using CurvatureProbe probe = new(_run, _data.Train);
        KindMeasurement measured = Assert.Single(probe.Measure(_snapshot, lambda1: false, [request]).Kinds);
        Assert.Null(measured.Failure);
        return measured;
    }

    private static MeasuredValue Value(KindMeasurement measured, string name) =>
        Assert.Single(measured.Values, value => value.Name == name);

    private double[] Eigenvalues()
    {
        using Tensor values = linalg.eigvalsh(_dense.Value);
        return [.. values.data<double>()];
    }

    /// <summary>The published formulas, on the clipped gradient; no weight decay here.</summary>
    private static double[] ExpectedUpdate(RunSpecification run, SnapshotBuffer snapshot, double[] gradient)
    {
        double norm = Math.Sqrt(Dot(gradient, gradient));
        double[] g = [.. gradient.Select(part => part * Math.Min(1, run.Training.ClipNorm!.Value / norm))];
        int t = snapshot.Header.Step + 1;
        return run.Optimizer.Kind switch
        {
            "sgd" => g,
            "heavy-ball" => [.. g.Zip(State("momentum"), (part, momentum) => (0.9 * momentum) + part)],
            _ =>
            [
                .. g.Zip(State("exp_avg"), State("exp_avg_sq")).Select(part =>
                    ((0.9 * part.Second) + (0.1 * part.First)) / (1 - Math.Pow(0.9, t))
                    / (Math.Sqrt(((0.99 * part.Third) + (0.01 * part.First * part.First)) / (1 - Math.Pow(0.99, t))) + 1e-8)),
            ],
        };

        double[] State(string name) =>
            [.. snapshot.Tensor($"optimizer.{name}").data<float>().ToArray().Select(value => (double)value)];
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

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
