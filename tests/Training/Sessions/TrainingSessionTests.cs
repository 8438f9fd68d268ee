using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Snapshots;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Sessions;

public class TrainingSessionTests
{
    [Theory]
    [MemberData(nameof(Fixtures.OptimizersAndNormalizations), MemberType = typeof(Fixtures))]
    public void Given_a_snapshot_of_any_step_When_another_session_continues_Then_every_bit_is_the_same(
        string optimizer, string normalization)
    {
        RunSpecification run = Fixtures.Run(
            Fixtures.Model(normalization: normalization, dropout: 0.3),
            Fixtures.Optimizer(optimizer, weightDecay: 0.01),
            clipNorm: 1);
        using TrainingSession whole = Fixtures.Session(run);
        List<SnapshotBuffer> snapshots = [whole.Capture(Fixtures.Origin)];
        List<StepMetrics> metrics = [];
        while (!whole.Finished)
        {
            StepOutcome outcome = whole.Advance();
            Assert.Null(outcome.Verdict);
            metrics.Add(outcome.Metrics);
            snapshots.Add(whole.Capture(Fixtures.Origin));
        }

        Assert.Equal(41, snapshots.Count);
        Assert.Equal(41, snapshots.Select(snapshot => snapshot.ParametersSha256()).Distinct().Count());
        string final = whole.ParametersSha256();
        Evaluation evaluation = whole.Evaluate();
        using TrainingSession resumed = Fixtures.Session(run);
        foreach (SnapshotBuffer snapshot in snapshots)
        {
            resumed.Restore(snapshot);
            Assert.Equal(snapshot.Header.Step, resumed.Step);
            Assert.Equal(snapshot.ParametersSha256(), resumed.ParametersSha256());
            while (!resumed.Finished)
            {
                int step = resumed.Step;
                Assert.Equal(metrics[step], resumed.Advance().Metrics);
            }

            Assert.Equal(final, resumed.ParametersSha256());
            using SnapshotBuffer end = resumed.Capture(Fixtures.Origin);
            Assert.Equal(snapshots[^1].Sha256, end.Sha256);
            snapshot.Dispose();
        }

        Assert.Equal(evaluation, resumed.Evaluate());
    }

    [Fact]
    public void Given_a_disturbed_global_generator_When_training_Then_the_bits_are_the_same()
    {
        RunSpecification run = Fixtures.Run(Fixtures.Model(normalization: "batch", dropout: 0.3));
        string undisturbed = Train(run);
        using TrainingSession session = Fixtures.Session(run);
        while (!session.Finished)
        {
            manual_seed(session.Step);
            using Tensor drawn = rand(3);
            session.Advance();
        }

        Assert.Equal(undisturbed, session.ParametersSha256());
    }

    [Fact]
    public void Given_two_sessions_on_two_threads_When_they_take_turns_Then_each_is_as_if_alone()
    {
        RunSpecification[] runs =
        [
            Fixtures.Run(Fixtures.Model(normalization: "batch", dropout: 0.3), seed: 1),
            Fixtures.Run(Fixtures.Model(normalization: "layer", dropout: 0.2), Fixtures.Optimizer("adam", 0.01), seed: 2),
        ];
        string[] alone = [.. runs.Select(Train)];
        string[] together = new string[2];
        using Barrier barrier = new(2);
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(i => new Thread(() =>
        {
            using TrainingSession session = Fixtures.Session(runs[i]);
            while (!session.Finished)
            {
                barrier.SignalAndWait(TestContext.Current.CancellationToken);
                session.Advance();
            }

            together[i] = session.ParametersSha256();
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Equal(alone, together);
    }

    [Fact]
    public void Given_an_image_that_is_not_finite_When_advancing_Then_no_update_is_made_and_a_restore_heals()
    {
        RunSpecification run = Fixtures.Run(Fixtures.Model(normalization: "batch"), Fixtures.Optimizer("adam"));
        DataSplit data = Fixtures.Data();
        using TrainingSession session = TrainingSession.Create(run, data, CPU);
        for (int i = 0; i < 5; i++)
        {
            session.Advance();
        }

        using SnapshotBuffer before = session.Capture(Fixtures.Origin);
        Evaluation evaluation = session.Evaluate();
        using Tensor healthy = ((ImageDataSet)data.Train).Images.clone();
        ((ImageDataSet)data.Train).Images.fill_(float.NaN);
        StepOutcome outcome = session.Advance();

        Assert.NotNull(outcome.Verdict);
        Assert.Equal("non-finite", outcome.Verdict.Rule);
        Assert.Equal(5, outcome.Verdict.Step);
        Assert.True(double.IsNaN(outcome.Metrics.Loss));
        Assert.Equal(5, session.Step);
        Assert.Equal(before.ParametersSha256(), session.ParametersSha256());
        Assert.Equal(evaluation, session.Evaluate());
        Assert.Throws<InvalidOperationException>(() => session.Advance());
        Assert.Throws<InvalidOperationException>(() => session.Capture(Fixtures.Origin));

        ((ImageDataSet)data.Train).Images.copy_(healthy);
        session.Restore(before);
        session.Adopt(session.Plan with { PeakLearningRate = 1e-3, ClipNorm = 0.5 });
        Assert.Null(session.Advance().Verdict);
        using SnapshotBuffer after = session.Capture(Fixtures.Origin);
        Assert.Equal(1e-3, after.Header.Plan.PeakLearningRate);
        Assert.Equal(0.5, after.Header.Plan.ClipNorm);
    }

    [Fact]
    public void Given_a_new_attempt_When_begun_at_a_snapshot_Then_its_detector_is_that_of_a_run_that_has_not_begun()
    {
        RunSpecification run = Fixtures.Run(Fixtures.Model());
        using TrainingSession session = Fixtures.Session(run);
        using SnapshotBuffer unborn = session.Capture(Fixtures.Origin);
        for (int i = 0; i < 5; i++)
        {
            session.Advance();
        }

        using SnapshotBuffer before = session.Capture(Fixtures.Origin);
        session.BeginAttempt(session.Plan);
        using SnapshotBuffer after = session.Capture(Fixtures.Origin);

        Assert.NotEqual(unborn.Header.DetectorState, before.Header.DetectorState);
        Assert.Equal(unborn.Header.DetectorState, after.Header.DetectorState);
        Assert.Equal(before.ParametersSha256(), after.ParametersSha256());
    }

    [Fact]
    public void Given_dropout_batch_norm_and_momentum_When_evaluating_Then_no_bit_of_state_changes()
    {
        RunSpecification run = Fixtures.Run(
            Fixtures.Model(normalization: "batch", dropout: 0.3), Fixtures.Optimizer("heavy-ball"));
        using TrainingSession session = Fixtures.Session(run);
        session.Advance();
        using SnapshotBuffer before = session.Capture(Fixtures.Origin);
        Evaluation first = session.Evaluate();
        Evaluation second = session.Evaluate();
        using SnapshotBuffer after = session.Capture(Fixtures.Origin);
        Assert.Equal(first, second);
        Assert.Equal(before.Sha256, after.Sha256);
    }

    [Fact]
    public void Given_separable_images_When_trained_Then_the_test_loss_falls()
    {
        using TrainingSession session = Fixtures.Session(Fixtures.Run(
            Fixtures.Model("mlp", "layer"), Fixtures.Optimizer("adam", 0.01), steps: 200, loss: "mse"));
        Evaluation before = session.Evaluate();
        while (!session.Finished)
        {
            session.Advance();
        }

        Evaluation after = session.Evaluate();
        Assert.True(after.Loss < 0.5 * before.Loss, $"{before} {after}");
        Assert.Throws<InvalidOperationException>(() => session.Advance());
    }

    [Fact]
    public void Given_clipping_When_advancing_Then_the_update_is_bounded_and_the_metrics_show_the_unclipped_norm()
    {
        const double Clip = 0.01;
        using TrainingSession session = Fixtures.Session(Fixtures.Run(clipNorm: Clip));
        using SnapshotBuffer before = session.Capture(Fixtures.Origin);
        StepMetrics metrics = session.Advance().Metrics;
        using SnapshotBuffer after = session.Capture(Fixtures.Origin);
        Assert.True(metrics.Clipped);
        Assert.True(metrics.GradientNorm > Clip);
        double squares = 0;
        foreach (SnapshotTensor tensor in after.Header.Tensors.Where(tensor => tensor.Name.StartsWith("parameter.", StringComparison.Ordinal)))
        {
            using DisposeScope scope = NewDisposeScope();
            squares += (after.Tensor(tensor.Name) - before.Tensor(tensor.Name)).to_type(float64).square().sum().item<double>();
        }

        Assert.Equal(Clip * metrics.LearningRate, Math.Sqrt(squares), Clip * metrics.LearningRate * 1e-3);
    }

    [Fact]
    public void Given_an_outer_dispose_scope_When_it_ends_Then_the_session_lives_on()
    {
        TrainingSession session;
        DataSplit data = Fixtures.Data();
        using (NewDisposeScope())
        {
            session = TrainingSession.Create(
                Fixtures.Run(Fixtures.Model(normalization: "batch", dropout: 0.1), Fixtures.Optimizer("adam")), data, CPU);
            session.Advance();
        }

        Assert.Null(session.Advance().Verdict);
        session.Dispose();
    }

    [Fact]
    public void Given_many_steps_snapshots_and_evaluations_When_done_Then_no_tensor_is_left_over()
    {
        using SnapshotPool pool = new();
        using TrainingSession session = Fixtures.Session(
            Fixtures.Run(Fixtures.Model(normalization: "layer", dropout: 0.1), Fixtures.Optimizer("adam")), pool);
        Round();
        DisposeScopeManager.Statistics.Reset();
        Round();
        LifetimeStatistics statistics = DisposeScopeManager.Statistics.TensorStatistics;
        Assert.Equal(0, statistics.ThreadTotalLiveCount);
        Assert.Equal(0, pool.BuffersInUse);

        void Round()
        {
            for (int i = 0; i < 5; i++)
            {
                session.Advance();
                using SnapshotBuffer snapshot = session.Capture(Fixtures.Origin);
                session.Restore(snapshot);
                session.Evaluate();
                session.ParametersSha256();
            }
        }
    }

    [Fact]
    public void Given_a_snapshot_of_another_run_When_restoring_Then_it_is_refused_and_nothing_changes()
    {
        using TrainingSession session = Fixtures.Session(Fixtures.Run());
        using TrainingSession other = Fixtures.Session(Fixtures.Run(seed: 4));
        using SnapshotBuffer snapshot = other.Capture(Fixtures.Origin);
        string before = session.ParametersSha256();
        SnapshotException exception = Assert.Throws<SnapshotException>(() => session.Restore(snapshot));
        Assert.Contains(Fixtures.Run(seed: 4).Identity(), exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, session.ParametersSha256());
    }

    /// <summary>What is counted follows from the step, and no snapshot is made of a state that is not finite.</summary>
    [Theory]
    [InlineData("\"samplerPosition\":\"24\"", "\"samplerPosition\":\"32\"", "32 examples were drawn")]
    [InlineData("\"samplerPosition\":\"24\"", "\"samplerPosition\":\"9000000000000000000\"", "9000000000000000000 examples")]
    [InlineData("\"updates\":\"3\"", "\"updates\":\"2\"", "2 updates made")]
    [InlineData("\"step\":\"3\"", "\"step\":\"5\"", "24 examples were drawn and 3 updates made; at that step they are 40 and 5")]
    [InlineData("\"detector\":\"{", "\"detector\":\"[", "divergence rules")]
    [InlineData("\"detector\":\"{\\u0022version\\u0022:1", "\"detector\":\"{\\u0022version\\u0022:7", "has version 7")]
    [InlineData("NaN", "", "not finite in \"parameter.")]
    [InlineData("Infinity", "", "not finite in \"parameter.")]
    public void Given_a_snapshot_with_what_no_run_has_When_restoring_Then_it_is_refused_and_nothing_changes(string before, string after, string said)
    {
        using TrainingSession session = Fixtures.Session(Fixtures.Run());
        for (int step = 0; step < 3; step++)
        {
            session.Advance();
        }

        using SnapshotBuffer real = session.Capture(Fixtures.Origin);
        using var content = new MemoryStream();
        real.WriteTo(content);
        byte[] file = after.Length > 0
            ? ForgedSnapshot.Head(content.ToArray(), before, after)
            : ForgedSnapshot.FirstNumber(content.ToArray(), float.Parse(before, System.Globalization.CultureInfo.InvariantCulture));
        using SnapshotBuffer forged = SnapshotBuffer.Read(new MemoryStream(file), file.Length, "forged");
        string parameters = session.ParametersSha256();

        string message = Assert.Throws<SnapshotException>(() => session.Restore(forged)).Message;

        Assert.Contains(said, message, StringComparison.Ordinal);
        Assert.Equal((3, parameters), (session.Step, session.ParametersSha256()));
        session.Advance();
        string next = session.ParametersSha256();
        session.Restore(real);
        session.Advance();
        Assert.Equal(next, session.ParametersSha256());
    }

    /// <summary>libtorch would end the process over some of these, and read beyond its numbers for others.</summary>
    [Theory]
    [InlineData(0, 5056, 0xff)]
    [InlineData(8, 1, 0x00)]
    [InlineData(8, 4, 0xff)]
    [InlineData(12, 1, 0x00)]
    [InlineData(16, 1, 0xff)]
    [InlineData(16, 8, 0xff)]
    [InlineData(28, 1, 0x01)]
    [InlineData(5040, 1, 0x02)]
    [InlineData(5052, 1, 0x02)]
    public void Given_a_snapshot_whose_generator_has_no_state_When_restoring_Then_it_is_refused_and_nothing_changes(
        int at, int count, int value)
    {
        using TrainingSession session = Fixtures.Session(Fixtures.Run(Fixtures.Model(dropout: 0.1)));
        for (int step = 0; step < 3; step++)
        {
            session.Advance();
        }

        using SnapshotBuffer real = session.Capture(Fixtures.Origin);
        using var content = new MemoryStream();
        real.WriteTo(content);
        byte[] file = ForgedSnapshot.Bytes(content.ToArray(), "generator.dropout", at, [.. Enumerable.Repeat((byte)value, count)]);
        using SnapshotBuffer forged = SnapshotBuffer.Read(new MemoryStream(file), file.Length, "forged");
        string parameters = session.ParametersSha256();

        string message = Assert.Throws<SnapshotException>(() => session.Restore(forged)).Message;

        Assert.Equal("Snapshot tensor \"generator.dropout\" is no state of a random generator.", message);
        Assert.Equal((3, parameters), (session.Step, session.ParametersSha256()));
        session.Restore(real);
        session.Advance();
    }

    /// <summary>Through every place of the generator's 624 numbers.</summary>
    [Fact]
    public void Given_any_number_of_draws_When_captured_Then_the_state_of_the_generator_is_taken_back()
    {
        using var generator = new Generator(7, CPU);
        using TrainingSession session = Fixtures.Session(Fixtures.Run());
        using SnapshotBuffer real = session.Capture(Fixtures.Origin);
        using var content = new MemoryStream();
        real.WriteTo(content);
        for (int draws = 0; draws < 1300; draws++)
        {
            using Tensor state = generator.get_state();
            byte[] file = ForgedSnapshot.Bytes(content.ToArray(), "generator.dropout", 0, [.. state.data<byte>()]);
            using SnapshotBuffer drawn = SnapshotBuffer.Read(new MemoryStream(file), file.Length, "drawn");
            session.Restore(drawn);
            using Tensor number = draws % 3 == 0
                ? randn(1, generator: generator)
                : randint(10, [1], generator: generator);
        }
    }

    [Theory]
    [InlineData("loss", "huber", "mse")]
    [InlineData("optimizer", "lion", "adamw")]
    [InlineData("model", "capsule", "cnn")]
    [InlineData("normalization", "instance", "batch")]
    [InlineData("activation", "swish", "gelu")]
    public void Given_an_unknown_name_When_creating_Then_the_error_names_it_and_what_is_allowed(
        string what, string name, string allowed)
    {
        RunSpecification run = what switch
        {
            "loss" => Fixtures.Run(loss: name),
            "optimizer" => Fixtures.Run(optimizer: Fixtures.Optimizer(name)),
            "model" => Fixtures.Run(Fixtures.Model(name)),
            "normalization" => Fixtures.Run(Fixtures.Model(normalization: name)),
            _ => Fixtures.Run(Fixtures.Model(activation: name)),
        };
        string message = Assert.Throws<ArgumentException>(() => Fixtures.Session(run)).Message;
        Assert.Contains($"no {what} \"{name}\"", message, StringComparison.Ordinal);
        Assert.Contains(allowed, message, StringComparison.Ordinal);
    }

    private static string Train(RunSpecification run)
    {
        using TrainingSession session = Fixtures.Session(run);
        while (!session.Finished)
        {
            session.Advance();
        }

        return session.ParametersSha256();
    }
}
