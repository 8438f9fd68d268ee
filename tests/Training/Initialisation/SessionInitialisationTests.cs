using CurvatureActors.Training.Initialisation;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Sessions;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Initialisation;

public class SessionInitialisationTests
{
    public static TheoryData<string> Phases => ["metainit", "gradinit"];

    [Theory]
    [MemberData(nameof(Phases))]
    public void Given_a_phase_When_two_sessions_start_Then_they_have_the_same_bits_and_the_global_generator_is_untouched(string phase)
    {
        RunSpecification run = Run(phase);
        using Tensor before = get_rng_state();
        using TrainingSession one = Fixtures.Session(run);
        using TrainingSession two = Fixtures.Session(run);
        List<InitialisationProgress> progress = [];
        two.Initialise(progress.Add);
        using SnapshotBuffer first = one.Capture(Fixtures.Origin);
        using SnapshotBuffer second = two.Capture(Fixtures.Origin);
        Assert.Equal(first.Sha256, second.Sha256);
        Assert.Equal([(phase, 1), (phase, 2), (phase, 3)], progress.Select(step => (step.Phase, step.Step)));
        using Tensor after = get_rng_state();
        Assert.True(before.Equals(after));

        using TrainingSession plain = Fixtures.Session(run with { Model = run.Model with { Initialisation = null } });
        Assert.NotEqual(plain.ParametersSha256(), one.ParametersSha256());
    }

    [Theory]
    [MemberData(nameof(Phases))]
    public void Given_a_snapshot_When_a_session_restores_it_Then_the_phase_does_not_run_again_and_training_goes_on_to_the_same_bits(string phase)
    {
        RunSpecification run = Run(phase);
        using TrainingSession whole = Fixtures.Session(run);
        using SnapshotBuffer start = whole.Capture(Fixtures.Origin);
        using TrainingSession restored = Fixtures.Session(run);
        restored.Restore(start);
        restored.Initialise(step => Assert.Fail($"{step}"));
        for (int i = 0; i < 4; i++)
        {
            whole.Advance();
            restored.Advance();
        }

        Assert.Equal(whole.ParametersSha256(), restored.ParametersSha256());
    }

    [Fact]
    public void Given_a_phase_When_initialised_twice_Then_it_runs_once()
    {
        using TrainingSession session = Fixtures.Session(Run("metainit"));
        session.Initialise();
        session.Initialise(step => Assert.Fail($"{step}"));
        session.Advance();
        session.Initialise(step => Assert.Fail($"{step}"));
    }

    [Fact]
    public void Given_the_critical_rate_When_a_session_is_restored_within_its_warmup_Then_rates_and_bits_are_the_same()
    {
        // The rate is the largest that does not raise the loss, here under the peak.
        RunSpecification run = Fixtures.Run(Fixtures.Model("mlp") with { InitScale = 2 }, Fixtures.Optimizer(learningRate: 5)) with
        {
            Schedule = new() { Kind = "constant", WarmupSteps = 50, FinalFraction = 0, WarmupFrom = "critical" },
        };
        using TrainingSession whole = Fixtures.Session(run);
        List<double> rates = [whole.Advance().Metrics.LearningRate, whole.Advance().Metrics.LearningRate];
        using SnapshotBuffer middle = whole.Capture(Fixtures.Origin);
        double critical = middle.Header.CriticalRate!.Value;
        Assert.InRange(critical, 1e-6, 4);
        Assert.Equal(critical, rates[0], 1e-12);
        Assert.Equal(critical + ((5 - critical) / 50), rates[1], 1e-12);

        using TrainingSession restored = Fixtures.Session(run);
        restored.Restore(middle);
        Assert.Equal(whole.Advance().Metrics, restored.Advance().Metrics);
        Assert.Equal(whole.ParametersSha256(), restored.ParametersSha256());
    }

    [Fact]
    public void Given_a_stored_snapshot_When_read_Then_the_critical_rate_is_in_it_to_the_bit()
    {
        RunSpecification run = Fixtures.Run(Fixtures.Model("mlp"), Fixtures.Optimizer(learningRate: 5)) with
        {
            Schedule = new() { Kind = "constant", WarmupSteps = 3, FinalFraction = 0, WarmupFrom = "critical" },
        };
        using TrainingSession session = Fixtures.Session(run);
        using SnapshotBuffer captured = session.Capture(Fixtures.Origin);
        using MemoryStream stream = new();
        captured.WriteTo(stream);
        stream.Position = 0;
        using SnapshotBuffer read = SnapshotBuffer.Read(stream, stream.Length, "memory");
        Assert.NotNull(read.Header.CriticalRate);
        Assert.Equal(captured.Header.CriticalRate, read.Header.CriticalRate);
    }

    [Fact]
    public void Given_no_critical_rate_When_captured_Then_the_header_has_none()
    {
        using TrainingSession session = Fixtures.Session(Fixtures.Run());
        using SnapshotBuffer snapshot = session.Capture(Fixtures.Origin);
        Assert.Null(snapshot.Header.CriticalRate);
    }

    private static RunSpecification Run(string phase) => Fixtures.Run(Fixtures.Model(
        "cnn", "batch", "tanh", dropout: 0.2) with
    {
        Initialisation = new()
        {
            Kind = "xavier",
            MetaInit = phase == "metainit"
                ? new() { Steps = 3, Rate = 0.1, Momentum = 0.9, BatchSize = 4, Epsilon = 1e-5 }
                : null,
            GradInit = phase == "gradinit"
                ? new()
                {
                    Steps = 3,
                    Rate = 0.1,
                    StepSize = 0.1,
                    MaximumGradientNorm = 1,
                    BatchSize = 8,
                    MinimumScale = 0.01,
                    ClipNorm = 1,
                }
                : null,
        },
    });
}
