using System.Text;
using CurvatureActors.Training.Initialisation;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Sessions;
using CurvatureActors.Training.Tests.Snapshots;

namespace CurvatureActors.Training.Tests.Initialisation;

/// <summary>The oracle is the phase that nobody interrupts.</summary>
public class ResumedPhaseTests
{
    private const int Steps = 4;

    public static TheoryData<string, string> Phases => new()
    {
        { "metainit", "mlp" },
        { "metainit", "cnn" },
        { "gradinit", "mlp" },
        { "gradinit", "cnn" },
        { "both", "cnn" },
    };

    [Theory]
    [MemberData(nameof(Phases))]
    public void Given_a_phase_When_interrupted_after_every_step_Then_the_weights_and_what_follows_have_the_same_bits(
        string phases, string model)
    {
        RunSpecification run = Run(phases, model);
        using TrainingSession whole = Fixtures.Session(run);
        List<InitialisationProgress> expected = [];
        whole.Initialise(expected.Add);
        string untouched = whole.ParametersSha256();

        List<InitialisationProgress> made = [];
        SnapshotBuffer? snapshot = null;
        TrainingSession interrupted = Fixtures.Session(run);
        while (!interrupted.Initialised)
        {
            made.Add(interrupted.AdvanceInitialisation()!);
            snapshot?.Dispose();
            snapshot = Stored(interrupted);
            Assert.Equal(interrupted.Initialised, snapshot.Header.Phase is null);
            interrupted.Dispose();
            interrupted = Fixtures.Session(run);
            interrupted.Restore(snapshot);
            Assert.Equal(snapshot.Header.Phase is null, interrupted.Initialised);
        }

        snapshot!.Dispose();
        Assert.Equal(expected, made);
        Assert.Equal(untouched, interrupted.ParametersSha256());
        for (int i = 0; i < 3; i++)
        {
            whole.Advance();
            interrupted.Advance();
        }

        using SnapshotBuffer one = whole.Capture(Fixtures.Origin);
        using SnapshotBuffer other = interrupted.Capture(Fixtures.Origin);
        Assert.Equal(one.Sha256, other.Sha256);
        interrupted.Dispose();
    }

    [Theory]
    [MemberData(nameof(Phases))]
    public void Given_a_snapshot_of_each_step_When_the_rest_is_made_in_one_go_Then_it_has_the_same_bits(
        string phases, string model)
    {
        RunSpecification run = Run(phases, model);
        using TrainingSession whole = Fixtures.Session(run);
        List<SnapshotBuffer> snapshots = [];
        while (whole.AdvanceInitialisation() is not null)
        {
            snapshots.Add(Stored(whole));
        }

        string[] digests = [.. snapshots.Select(snapshot =>
        {
            using TrainingSession rest = Fixtures.Session(run);
            rest.Restore(snapshot);
            return rest.ParametersSha256();
        })];
        Assert.Equal((phases == "both" ? 2 : 1) * Steps, snapshots.Count);
        Assert.Equal(Enumerable.Repeat(whole.ParametersSha256(), snapshots.Count), digests);
        Assert.Equal(snapshots.Count, snapshots.Select(snapshot => snapshot.ParametersSha256()).Distinct().Count());
        snapshots.ForEach(snapshot => snapshot.Dispose());
    }

    [Fact]
    public void Given_the_middle_of_a_phase_When_a_later_snapshot_is_restored_Then_the_phase_is_over()
    {
        RunSpecification run = Run("metainit", "mlp");
        using TrainingSession done = Fixtures.Session(run);
        done.Advance();
        using SnapshotBuffer later = done.Capture(Fixtures.Origin);
        using TrainingSession session = Fixtures.Session(run);
        session.AdvanceInitialisation();
        session.Restore(later);
        Assert.True(session.Initialised);
        Assert.Null(session.AdvanceInitialisation());
        Assert.Equal(done.ParametersSha256(), session.ParametersSha256());
    }

    [Fact]
    public void Given_the_middle_of_a_phase_When_captured_Then_the_header_says_where_it_stands()
    {
        using TrainingSession session = Fixtures.Session(Run("gradinit", "mlp"));
        session.AdvanceInitialisation();
        session.AdvanceInitialisation();
        using SnapshotBuffer snapshot = Stored(session);
        Assert.Equal(new SnapshotPhase("gradinit", 2), snapshot.Header.Phase);
        Assert.Equal(0, snapshot.Header.Step);
    }

    [Fact]
    public void Given_no_phase_When_the_initialisation_is_advanced_Then_it_is_done_at_once_and_leaves_no_trace_in_the_file()
    {
        using TrainingSession session = Fixtures.Session(Fixtures.Run());
        Assert.Null(session.AdvanceInitialisation());
        Assert.True(session.Initialised);
        using SnapshotBuffer snapshot = session.Capture(Fixtures.Origin);
        using MemoryStream file = new();
        snapshot.WriteTo(file);
        string text = Encoding.Latin1.GetString(file.ToArray());
        Assert.DoesNotContain("\"phase", text, StringComparison.Ordinal);
        Assert.DoesNotContain("initialisation.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_phase_whose_generator_has_no_state_When_restoring_Then_it_is_refused()
    {
        using TrainingSession session = Fixtures.Session(Run("metainit", "mlp"));
        session.AdvanceInitialisation();
        using SnapshotBuffer snapshot = session.Capture(Fixtures.Origin);
        using MemoryStream file = new();
        snapshot.WriteTo(file);
        byte[] bytes = ForgedSnapshot.Bytes(file.ToArray(), "initialisation.generator", 0, [.. Enumerable.Repeat((byte)0xff, 5056)]);
        using SnapshotBuffer forged = SnapshotBuffer.Read(new MemoryStream(bytes), bytes.Length, "forged");

        string message = Assert.Throws<SnapshotException>(() => session.Restore(forged)).Message;

        Assert.Contains("\"initialisation.generator\" is no state of a random generator", message, StringComparison.Ordinal);
    }

    private static SnapshotBuffer Stored(TrainingSession session)
    {
        using SnapshotBuffer captured = session.Capture(Fixtures.Origin);
        using MemoryStream file = new();
        captured.WriteTo(file);
        file.Position = 0;
        return SnapshotBuffer.Read(file, file.Length, "memory");
    }

    private static RunSpecification Run(string phases, string model) => Fixtures.Run(
        Fixtures.Model(model, model == "cnn" ? "batch" : "none", "tanh", dropout: 0.2) with
        {
            InitScale = 2,
            Initialisation = new()
            {
                Kind = "xavier",
                MetaInit = phases != "gradinit"
                    ? new() { Steps = Steps, Rate = 0.1, Momentum = 0.9, BatchSize = 4, Epsilon = 1e-5 }
                    : null,
                GradInit = phases != "metainit"
                    ? new()
                    {
                        Steps = Steps,
                        Rate = 0.1,
                        StepSize = 0.1,
                        MaximumGradientNorm = 1,
                        BatchSize = 8,
                        MinimumScale = 0.01,
                        ClipNorm = 1,
                    }
                    : null,
            },
        },
        Fixtures.Optimizer("adam"));
}
