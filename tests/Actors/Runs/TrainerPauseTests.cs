using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Tests.Runs;

/// <summary>
/// A real trainer between a store, a telemetry writer and a supervisor that the test plays. All trainers share one
/// thread here, so a test that holds it decides what is in a mailbox before the trainer gets to it.
/// </summary>
public sealed class TrainerPauseTests : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly ExperimentSpecification Experiment = ExperimentLoader.LoadText(
        """
        curvature {
          data { train-examples = 64, test-examples = 16 }
          model { kind = mlp, hidden = [4] }
          training { steps = 30, batch-size = 16, evaluate-every = 30 }
          snapshot.every = 10
          probe.enabled = false
        }
        """,
        "small",
        []);

    private readonly TestProbe _store;
    private readonly TestProbe _telemetry;
    private readonly TestProbe _supervisor;

    public TrainerPauseTests()
        : base(ConfigurationFactory.ParseString(
            """
            curvature-dispatchers.trainer {
              type = ForkJoinDispatcher
              throughput = 1
              dedicated-thread-pool.thread-count = 1
            }
            """).WithFallback(AkkaReference.Config))
    {
        _store = CreateTestProbe();
        _telemetry = CreateTestProbe();
        _supervisor = CreateTestProbe();
    }

    [Fact]
    public async Task Given_a_pause_that_comes_before_the_trainer_has_begun_then_it_pauses_at_its_first_step()
    {
        IActorRef trainer = StartPaused();
        long end = await NextFlushAsync();
        await AnswerWriteAsync(trainer);
        long commit = await NextFlushAsync();
        Flushed(trainer, end);
        Flushed(trainer, commit);

        Assert.Equal((0, true), Of(await _supervisor.ExpectMsgAsync<SnapshotStored>(Patience, cancellationToken: Cancelled)));
        Assert.Equal(0, (await _supervisor.ExpectMsgAsync<AttemptPaused>(Patience, cancellationToken: Cancelled)).Step);
    }

    [Fact]
    public async Task Given_a_snapshot_on_disk_then_it_is_committed_only_when_the_metrics_up_to_it_are_stored()
    {
        IActorRef trainer = StartPaused();
        long end = await NextFlushAsync();
        await AnswerWriteAsync(trainer);
        long commit = await NextFlushAsync();
        Flushed(trainer, end);

        // The trainer has heard all of this, and has nothing to say to its supervisor yet.
        trainer.Tell(new Identify("heard"), TestActor);
        await ExpectMsgAsync<ActorIdentity>(Patience, cancellationToken: Cancelled);
        _supervisor.Ref.Tell("nothing before this");
        await _supervisor.ExpectMsgAsync("nothing before this", Patience, cancellationToken: Cancelled);

        Flushed(trainer, commit);
        await _supervisor.ExpectMsgAsync<SnapshotStored>(Patience, cancellationToken: Cancelled);
        await _supervisor.ExpectMsgAsync<AttemptPaused>(Patience, cancellationToken: Cancelled);
    }

    [Fact]
    public async Task Given_a_question_to_the_telemetry_that_is_lost_then_it_is_asked_again_until_it_is_answered()
    {
        IActorRef trainer = StartPaused();
        long end = await NextFlushAsync();
        await AnswerWriteAsync(trainer);
        long commit = await NextFlushAsync();

        trainer.Tell(AreYouAlive.Instance, TestActor);
        Assert.Equal([end, commit], [await NextFlushAsync(), await NextFlushAsync()]);
        Flushed(trainer, commit);
        trainer.Tell(AreYouAlive.Instance, TestActor);
        Assert.Equal(end, await NextFlushAsync());
        Flushed(trainer, end);

        await _supervisor.ExpectMsgAsync<SnapshotStored>(Patience, cancellationToken: Cancelled);
        await _supervisor.ExpectMsgAsync<AttemptPaused>(Patience, cancellationToken: Cancelled);
    }

    [Fact]
    public async Task Given_rows_of_telemetry_that_are_lost_then_the_trainer_ends_and_commits_nothing_that_lacks_them()
    {
        IActorRef trainer = StartPaused();
        await NextFlushAsync();
        await AnswerWriteAsync(trainer);
        long commit = await NextFlushAsync();

        trainer.Tell(new TelemetryWriter.RowsLost(commit, 7), _telemetry);

        TrainerFailed failed = await _supervisor.ExpectMsgAsync<TrainerFailed>(Patience, cancellationToken: Cancelled);
        Assert.False(failed.UserCode);
        Assert.StartsWith("7 rows", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Given_a_snapshot_under_way_then_the_trainer_listens_after_every_step()
    {
        IActorRef trainer = Start();
        await AnswerWriteAsync(trainer);

        // Step 10 brings a second snapshot while the first is not committed yet: all ten are steps of their own.
        for (int step = 0; step < 10; step++)
        {
            StepsTrained trained = await _supervisor.ExpectMsgAsync<StepsTrained>(Patience, cancellationToken: Cancelled);
            Assert.Equal(step, Assert.Single(trained.Metrics).Step);
        }
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static (int Step, bool Anchor) Of(SnapshotStored stored) => (stored.Step, stored.Anchor);

    /// <summary>A trainer whose first message is the pause: it is sent while the one thread is held.</summary>
    private IActorRef StartPaused()
    {
        TaskCompletionSource gate = new();
        IActorRef occupier = Sys.ActorOf(Props.Create(() => new Occupier()).WithDispatcher(Dispatchers.Trainer));
        occupier.Tell(gate);
        IActorRef trainer = Start();
        trainer.Tell(PauseTrainer.Instance);
        gate.SetResult();
        return trainer;
    }

    private IActorRef Start()
    {
        RunSpecification run = Experiment.Runs[0].Specification with
        {
            Curvature = Experiment.Runs[0].Specification.Curvature with { Enabled = false },
        };
        var services = new NodeServices(
            "node", _store.Ref, new SnapshotFolder("nowhere"), ActorRefs.Nobody, _telemetry.Ref);
        return Sys.ActorOf(Trainer.Props(
            new StartTrainer(
                run.Identity(), 1, 1, 0, run, TrainingPlan.Initial(run), RunPolicy.Of(Experiment).Observation, null,
                _supervisor.Ref),
            services,
            "cpu"));
    }

    private async Task AnswerWriteAsync(IActorRef trainer)
    {
        SnapshotStore.Write write = await _store.ExpectMsgAsync<SnapshotStore.Write>(Patience, cancellationToken: Cancelled);
        write.Snapshot.Dispose();
        trainer.Tell(
            new SnapshotStore.Written(write.Step, write.Anchor, "staged", new SnapshotReference("file", "digest", 1)), _store.Ref);
    }

    private async Task<long> NextFlushAsync() =>
        (await _telemetry.ExpectMsgAsync<TelemetryWriter.Flush>(Patience, cancellationToken: Cancelled)).Token;

    private void Flushed(IActorRef trainer, long token) =>
        trainer.Tell(new TelemetryWriter.Flushed(token), _telemetry.Ref);

    private sealed class Occupier : ReceiveActor
    {
        public Occupier() => Receive<TaskCompletionSource>(gate => gate.Task.Wait());
    }
}
