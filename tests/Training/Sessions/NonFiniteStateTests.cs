using System.Runtime.InteropServices;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Sessions;

/// <summary>What is not finite and no loss or gradient shows: buffers, optimizer state, parameters, evaluations.</summary>
public sealed class NonFiniteStateTests
{
    [Theory]
    [InlineData("non-finite", "blow-up")]
    [InlineData("blow-up")]
    public void Given_an_optimizer_state_that_overflows_When_a_snapshot_is_due_Then_a_verdict_whatever_the_rules(params string[] rules)
    {
        // An L2 term of 1e21 w squared is beyond float32; the update, m over the root of infinity, is 0, and all looks well.
        RunSpecification run = Fixtures.Run(optimizer: Fixtures.Optimizer("adam", weightDecay: 1e21));
        run = run with { Detection = run.Detection with { Rules = new(rules) } };
        DataSplit data = Fixtures.Data();
        using TrainingSession session = TrainingSession.Create(run, data, CPU);

        DivergenceVerdict verdict = FirstVerdict(session)!;

        Assert.Equal(("non-finite", 9), (verdict.Rule, verdict.Step));
        Assert.Contains("the optimizer's", verdict.Evidence, StringComparison.Ordinal);
        Assert.True(verdict.HealthyGradientNorm > 0);
        Assert.Throws<InvalidOperationException>(() => session.Capture(Fixtures.Origin));
    }

    [Fact]
    public void Given_parameters_that_overflow_When_a_snapshot_is_due_Then_a_verdict_that_names_one()
    {
        RunSpecification run = Fixtures.Run(optimizer: Fixtures.Optimizer("sgd", learningRate: 3e38, weightDecay: 1e4));
        run = run with { Training = run.Training with { SnapshotEvery = 1 }, Schedule = run.Schedule with { WarmupSteps = 0 } };
        DataSplit data = Fixtures.Data();
        using TrainingSession session = TrainingSession.Create(run, data, CPU);

        DivergenceVerdict verdict = FirstVerdict(session)!;

        Assert.Equal(("non-finite", 0), (verdict.Rule, verdict.Step));
        Assert.Contains("the parameter convolutions.0.weight is not finite", verdict.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_running_statistics_that_overflow_When_training_Then_no_due_snapshot_holds_them()
    {
        // Around these scales the variance of a feature is still a float32 and its unbiased estimate is not any more.
        List<DivergenceVerdict?> verdicts = [];
        for (double scale = 1e19; scale < 4e19; scale *= 1.02)
        {
            RunSpecification run = Fixtures.Run(model: Fixtures.Model("mlp", "batch", hidden: [2]), steps: 20, batchSize: 2);
            using DisposeScope scope = NewDisposeScope();
            DataSplit data = new(Scaled(Fixtures.Images(53, 1), scale), Scaled(Fixtures.Images(29, 2), scale));
            using TrainingSession session = TrainingSession.Create(run, data, CPU);
            verdicts.Add(FirstVerdict(session, snapshot => Assert.All(Numbers(snapshot), value => Assert.True(float.IsFinite(value)))));
        }

        Assert.Contains(verdicts, verdict => verdict?.Evidence.Contains("the buffer hidden.0.normalization.running_var", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Given_a_verdict_on_the_state_When_restored_Then_the_session_goes_on_with_the_same_bits()
    {
        RunSpecification run = Fixtures.Run(optimizer: Fixtures.Optimizer("adam", weightDecay: 1e21));
        DataSplit data = Fixtures.Data();
        using TrainingSession session = TrainingSession.Create(run, data, CPU);
        using SnapshotBuffer start = session.Capture(Fixtures.Origin);
        DivergenceVerdict first = FirstVerdict(session)!;

        session.Restore(start);

        Assert.Equal(first, FirstVerdict(session));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Given_a_test_loss_that_is_not_finite_When_the_run_ends_Then_it_is_a_divergence_and_before_it_none(float pixel)
    {
        RunSpecification run = Fixtures.Run(steps: 12);
        using ImageDataSet test = Fixtures.Images(29, 2);
        test.Images[5, 0, 0, 0] = tensor(pixel);
        using ImageDataSet train = Fixtures.Images(53, 1);
        using TrainingSession session = TrainingSession.Create(run, new DataSplit(train, test), CPU);

        while (!session.Finished)
        {
            Assert.Null(session.Judge(session.Evaluate()));
            Assert.Null(session.Advance().Verdict);
        }

        DivergenceVerdict verdict = session.Judge(session.Evaluate())!;
        Assert.Equal(("non-finite", 12), (verdict.Rule, verdict.Step));
        Assert.Contains("test examples", verdict.Evidence, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => session.Capture(Fixtures.Origin));
    }

    [Fact]
    public void Given_a_finite_evaluation_at_the_end_When_judged_Then_no_verdict()
    {
        DataSplit data = Fixtures.Data();
        using TrainingSession session = TrainingSession.Create(Fixtures.Run(steps: 12), data, CPU);
        Assert.Null(FirstVerdict(session));
        Assert.Null(session.Judge(session.Evaluate()));
        Assert.True(session.IsFinite());
    }

    [Fact]
    public void Given_initial_weights_beyond_float32_When_made_Then_the_error_names_the_keys()
    {
        RunSpecification run = Fixtures.Run(model: Fixtures.Model() with { InitScale = 1e39 });
        DataSplit data = Fixtures.Data();
        using TrainingSession session = TrainingSession.Create(run, data, CPU);
        string message = Assert.Throws<InvalidOperationException>(() => session.Initialise()).Message;
        Assert.Contains("the parameter convolutions.0.weight", message, StringComparison.Ordinal);
        Assert.Contains("curvature.model.init-scale", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mlp", 6)]
    [InlineData("cnn", 6)]
    public void Given_one_value_a_feature_When_training_with_batch_norm_Then_refused_as_PyTorch_does(string kind, int size)
    {
        RunSpecification run = Fixtures.Run(model: Fixtures.Model(kind, "batch"), batchSize: 1);
        DataSplit data = new(Fixtures.Images(53, 1, size), Fixtures.Images(29, 2, size));
        using TrainingSession session = TrainingSession.Create(run, data, CPU);
        Assert.Contains(
            "more than one value for each of its 7 features", Assert.Throws<ArgumentException>(() => session.Advance()).Message, StringComparison.Ordinal);
    }

    private static DivergenceVerdict? FirstVerdict(TrainingSession session, Action<SnapshotBuffer>? atDue = null)
    {
        while (!session.Finished)
        {
            if (session.Advance().Verdict is { } verdict)
            {
                return verdict;
            }

            if (atDue is not null && session.Step % 10 == 0)
            {
                using SnapshotBuffer snapshot = session.Capture(Fixtures.Origin);
                atDue(snapshot);
            }
        }

        return null;
    }

    private static ImageDataSet Scaled(ImageDataSet images, double scale)
    {
        images.Images.mul_(scale);
        return images;
    }

    private static float[] Numbers(SnapshotBuffer snapshot)
    {
        List<float> numbers = [];
        foreach (SnapshotTensor entry in snapshot.Header.Tensors.Where(entry => entry.ScalarType == ScalarType.Float32))
        {
            using Tensor values = empty([.. entry.Shape], float32);
            snapshot.CopyTo(entry.Name, values);
            numbers.AddRange(MemoryMarshal.Cast<byte, float>(values.bytes).ToArray());
        }

        return [.. numbers];
    }
}
