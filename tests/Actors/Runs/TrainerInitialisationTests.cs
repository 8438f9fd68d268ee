using Akka.Actor;
using Akka.TestKit;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Actors.Tests.Hosting;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Tests.Runs;

/// <summary>
/// A real trainer in a phase of its initialisation, between a store, a telemetry writer and a supervisor that the test
/// plays. The oracle is a session that no actor ever saw.
/// </summary>
public sealed class TrainerInitialisationTests : NodeTest
{
    private const int Steps = 12;

    private readonly SnapshotFolder _folder = new(Directory.CreateTempSubdirectory("curvature-phase-").FullName);
    private readonly TestProbe _store;
    private readonly TestProbe _telemetry;
    private readonly TestProbe _supervisor;

    public TrainerInitialisationTests()
        : base(
            """
            curvature-dispatchers.trainer {
              type = ForkJoinDispatcher
              throughput = 1
              dedicated-thread-pool.thread-count = 1
            }
            """)
    {
        _store = CreateTestProbe();
        _telemetry = CreateTestProbe();
        _supervisor = CreateTestProbe();
    }

    [Theory]
    [InlineData("metainit")]
    [InlineData("gradinit")]
    public async Task Given_a_phase_then_the_trainer_says_how_far_it_is_and_its_first_anchor_is_what_a_session_alone_makes(string phase)
    {
        ExperimentSpecification experiment = Load(phase, Steps);
        IActorRef trainer = Start(experiment, null);
        foreach (int step in (int[])[5, 10])
        {
            SnapshotStore.Write write = await NextWriteAsync();
            using (write.Snapshot)
            {
                Assert.Equal((0, false, new SnapshotPhase(phase, step)), (write.Step, write.Anchor, write.Snapshot.Header.Phase));
                Answer(trainer, write);
            }
        }

        SnapshotStore.Write first = await NextWriteAsync();
        using (first.Snapshot)
        {
            Assert.Equal((0, true), (first.Step, first.Anchor));
            Assert.Null(first.Snapshot.Header.Phase);
            Assert.Equal(Alone(experiment), first.Snapshot.ParametersSha256());
        }

        // Before the anchor of step 0 went to the store, the last step of the phase was reported.
        List<InitialisationReported> reports = [];
        do
        {
            reports.Add(await _supervisor.ExpectMsgAsync<InitialisationReported>(Patience, cancellationToken: Cancellation));
        }
        while (reports[^1].Step < Steps);
        Assert.All(reports, report => Assert.Equal((phase, Steps, 1, 1L), (report.Phase, report.Steps, report.Attempt, report.Epoch)));
        Assert.Equal(reports.Select(report => report.Step).Distinct().Order(), reports.Select(report => report.Step));
    }

    [Theory]
    [InlineData("metainit")]
    [InlineData("gradinit")]
    public async Task Given_a_pause_in_the_middle_then_the_resumed_trainer_makes_the_same_step_0(string phase)
    {
        ExperimentSpecification experiment = Load(phase, Steps);
        IActorRef trainer = Start(experiment, null);

        // With two writes under way it waits, at step 10 of the phase, and hears what it is told.
        SnapshotStore.Write[] writes = [await NextWriteAsync(), await NextWriteAsync()];
        trainer.Tell(AreYouAlive.Instance, TestActor);
        Assert.True((await ExpectAsync<TrainerAlive>()).SlowestSlice > TimeSpan.Zero);
        trainer.Tell(PauseTrainer.Instance, TestActor);
        trainer.Tell(new TelemetryWriter.Flushed(await NextFlushAsync()), _telemetry);
        SnapshotReference[] stored = [.. writes.Select(write => Answer(trainer, write))];
        trainer.Tell(new TelemetryWriter.Flushed(await NextFlushAsync()), _telemetry);
        trainer.Tell(new TelemetryWriter.Flushed(await NextFlushAsync()), _telemetry);
        Assert.Equal(0, (await FishAsync<AttemptPaused>(_supervisor)).Step);
        Assert.NotEqual(stored[0].File, stored[1].File);

        foreach (SnapshotReference reference in stored)
        {
            Assert.Equal(Alone(experiment), await ResumedAsync(experiment, reference));
        }
    }

    [Fact]
    public async Task Given_a_pause_that_comes_before_the_phase_has_begun_then_it_makes_one_step_of_it_and_not_all()
    {
        ExperimentSpecification experiment = Load("metainit", Steps);
        TaskCompletionSource gate = new();
        Sys.ActorOf(Props.Create(() => new Occupier()).WithDispatcher(Dispatchers.Trainer)).Tell(gate);
        IActorRef trainer = Start(experiment, null);
        trainer.Tell(PauseTrainer.Instance);
        gate.SetResult();

        SnapshotStore.Write write = await NextWriteAsync();
        Assert.Equal((0, false, new SnapshotPhase("metainit", 1)), (write.Step, write.Anchor, write.Snapshot.Header.Phase));
        Assert.Equal(Alone(experiment), await ResumedAsync(experiment, Answer(trainer, write)));
    }

    [Fact]
    public async Task Given_a_long_phase_then_the_trainer_answers_and_pauses_between_its_steps()
    {
        const int Many = 20_000;
        IActorRef trainer = Start(Load("metainit", Many, "snapshot.every=20000"), null);
        await _supervisor.ExpectMsgAsync<InitialisationReported>(Patience, cancellationToken: Cancellation);
        trainer.Tell(AreYouAlive.Instance, TestActor);
        await ExpectAsync<TrainerAlive>();
        trainer.Tell(PauseTrainer.Instance, TestActor);
        SnapshotStore.Write write = await NextWriteAsync();
        Assert.InRange(write.Snapshot.Header.Phase!.Step, 1, Many - 1);
        Answer(trainer, write);
    }

    private static ExperimentSpecification Load(string phase, int steps, params string[] sets) => SmallExperiment.Load(
        [
            "model.kind=mlp", "model.hidden=[4]", "data.train-examples=64", "data.test-examples=16", "probe.enabled=false",
            $"init.phase={phase}", "init.metainit.batch-size=2", "init.gradinit.batch-size=4", $"init.{phase}.steps={steps}",
            "snapshot.every=5", "runtime.slice=1", .. sets,
        ]);

    private static string Alone(ExperimentSpecification experiment)
    {
        using TrainingSession session = SmallExperiment.Session(experiment.Runs[0].Specification);
        return session.ParametersSha256();
    }

    /// <summary>The parameters of step 0 of a trainer that goes on from a snapshot.</summary>
    private async Task<string> ResumedAsync(ExperimentSpecification experiment, SnapshotReference reference)
    {
        IActorRef trainer = Start(experiment, reference);
        while (true)
        {
            SnapshotStore.Write write = await NextWriteAsync();
            using (write.Snapshot)
            {
                // The trainer before this one may have trained on before it was stopped.
                if (write.Step > 0)
                {
                    continue;
                }

                if (write.Anchor)
                {
                    await StopAsync(trainer);
                    return write.Snapshot.ParametersSha256();
                }

                Answer(trainer, write);
            }
        }
    }

    private IActorRef Start(ExperimentSpecification experiment, SnapshotReference? from)
    {
        RunSpecification run = experiment.Runs[0].Specification;
        return Sys.ActorOf(Trainer.Props(
            new StartTrainer(
                run.Identity(), 1, 1, 0, run, TrainingPlan.Initial(run), RunPolicy.Of(experiment).Observation, from,
                _supervisor.Ref),
            new NodeServices("node", _store.Ref, _folder, ActorRefs.Nobody, _telemetry.Ref),
            "cpu"));
    }

    /// <summary>Does what the store and the supervisor do.</summary>
    private SnapshotReference Answer(IActorRef trainer, SnapshotStore.Write write)
    {
        string staged = _folder.Stage(write.Run, write.Epoch, write.Attempt, write.Step, write.Snapshot);
        var reference = new SnapshotReference(
            SnapshotFolder.FileOf(write.Run, write.Attempt, write.Step, write.Snapshot.Header.Phase),
            write.Snapshot.Sha256,
            write.Snapshot.Length);
        _folder.Publish(staged, reference.File);
        write.Snapshot.Dispose();
        trainer.Tell(new SnapshotStore.Written(write.Step, write.Anchor, staged, reference), _store);
        return reference;
    }

    private Task<SnapshotStore.Write> NextWriteAsync() => FishAsync<SnapshotStore.Write>(_store);

    private async Task<long> NextFlushAsync() => (await FishAsync<TelemetryWriter.Flush>(_telemetry)).Token;

    protected override void AfterAll()
    {
        base.AfterAll();
        Directory.Delete(_folder.Path, recursive: true);
    }

    private sealed class Occupier : ReceiveActor
    {
        public Occupier() => Receive<TaskCompletionSource>(gate => gate.Task.Wait());
    }
}
