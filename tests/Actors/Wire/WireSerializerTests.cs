using Akka.Actor;
using Akka.TestKit.Xunit;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Sweeps;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Actors.Tests.Runs;
using CurvatureActors.Actors.Wire;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Tests.Wire;

/// <summary>Every message that passes between processes arrives as what was sent.</summary>
public sealed class WireSerializerTests : TestKit
{
    private const string Run = "0123456789ab";

    private readonly IActorRef _actor;

    public WireSerializerTests()
        : base(AkkaReference.Config) =>
        _actor = CreateTestProbe().Ref;

    [Fact]
    public void Given_any_message_then_the_other_end_reads_what_was_sent()
    {
        var serializer = new WireSerializer((ExtendedActorSystem)Sys);
        foreach (object sent in Messages())
        {
            object read = serializer.FromBinary(serializer.ToBinary(sent), serializer.Manifest(sent));

            Assert.IsType(sent.GetType(), read);
            switch (sent, read)
            {
                // What refers to an actor is compared as records are; a list in it, element by element.
                case (StartTrainer one, StartTrainer other):
                    Assert.Equal(one.EarlierPlans, other.EarlierPlans);
                    Assert.Equal(one with { EarlierPlans = [] }, other with { EarlierPlans = [] });
                    break;
                case (TrainerStarted or SweepProtocol.RegisterDevice, _):
                    Assert.Equal(sent, read);
                    break;
                default:
                    Assert.Equivalent(sent, read, strict: true);
                    break;
            }
        }
    }

    [Fact]
    public void Given_the_actor_system_then_every_message_is_bound_to_the_serializer_and_tested_here()
    {
        HashSet<Type> messages =
        [
            .. typeof(IWireMessage).Assembly.GetTypes()
                .Where(type => type.IsAssignableTo(typeof(IWireMessage)) && type is { IsAbstract: false }),
        ];

        Assert.Equal(messages, WireSerializer.Types.ToHashSet());
        Assert.Equal(messages, Messages().Select(message => message.GetType()).ToHashSet());
        Assert.All(messages, type => Assert.IsType<WireSerializer>(Sys.Serialization.FindSerializerForType(type)));
    }

    [Fact]
    public void Given_an_actor_then_its_reference_means_the_same_actor_at_the_other_end()
    {
        var serializer = new WireSerializer((ExtendedActorSystem)Sys);
        var sent = new TrainerStarted(Run, 2, 1, _actor);

        var read = (TrainerStarted)serializer.FromBinary(serializer.ToBinary(sent), serializer.Manifest(sent));

        Assert.Equal(_actor, read.Trainer);
    }

    private object[] Messages()
    {
        RunSpecification specification = Samples.Specification;
        var snapshot = new SnapshotReference("run/1-20.snapshot", "abc", 1020);
        var step = new StepMetrics(7, double.NaN, 0.5, double.PositiveInfinity, 0.1, true);
        return
        [
            new SweepProtocol.RegisterDevice("worker-1", "cpu:0", _actor),
            new SweepProtocol.RegisterDevice("worker-1", "cpu:0", _actor, "GenuineIntel Xeon, AVX2"),
            new StartTrainer(
                Run, 3, 2, 20, specification, Samples.FirstPlan,
                RunPolicy.Of(Samples.Experiment(Samples.Run)).Observation, snapshot, _actor)
            {
                EarlierPlans = [new PlanSegment(0, Samples.FirstPlan)],
            },
            new TrainerStarted(Run, 3, 2, _actor),
            new PauseTrainer(),
            new TrainerFenced(4),
            new AreYouAlive(),
            new TrainerAlive(3, TimeSpan.FromSeconds(0.25)),
            new InitialisationReported(Run, 3, 2, "metainit", 37, 100),
            new StepsTrained(Run, 3, 2, [step], Samples.Evaluated),
            new SnapshotStored(Run, 3, 2, 20, true, "run/1-20.snapshot.3.writing", snapshot),
            new SnapshotSkipped(Run, 3, 2, 20, "no space left"),
            new CurvatureReported(Run, 3, 2, Samples.Measurement(20, 16), 4),
            new AttemptDiverged(Run, 3, 2, Samples.BlowUp(30)),
            new AttemptFinished(Run, 3, 2, Samples.Evaluated, "abc"),
            new AttemptPaused(Run, 3, 2, 31),
            new SnapshotUnusable(Run, 3, snapshot, "damaged"),
            new TrainerFailed(Run, 3, "out of memory", UserCode: false),
            new ProbePool.MeasureStored(Run, specification, 20, snapshot),
            new ProbePool.Measured(Run, Samples.Measurement(20, 16)),
            new ProbePool.RateSearched(Run, new CriticalRateMeasurement(20, 0.25)),
            new ProbePool.NotMeasured(Run, 20, "no") { Unusable = new SnapshotReference("file", "digest", 3) },
            new TelemetryWriter.Record(
            [
                new StepRow(Run, 1, step),
                new EvaluationRow(Run, 1, Samples.Evaluated),
                new MeasurementRow(Run, 1, 3, Samples.Measurement(20, 16)),
                new CurvatureValueRow(Run, 1, 20, "trace", "estimate", double.NaN, 0.5),
                new DensityRow(Run, 1, 20, [-1, 2], [0.25, 0.5], [0.01, 0.02]),
            ]),
            new TelemetryWriter.Flush(9) { Rows = 12 },
            new TelemetryWriter.RowsLost(9, 3),
            new TelemetryWriter.Flushed(9),
            new StorageTrouble("the disk is full, trying again"),
            new StorageFailed("the disk is full"),
        ];
    }
}
