using Akka.Actor;
using Akka.TestKit;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Sweeps;
using CurvatureActors.Actors.Tests.Journal;
using CurvatureActors.Actors.Tests.Runs;

namespace CurvatureActors.Actors.Tests.Sweeps;

/// <summary>A sweep with its real supervisors; the test is every device and every trainer.</summary>
public sealed class SweepTests : SupervisorFixture
{
    private static readonly PlannedRun A = Planned("aaaaaaaaaaaa", seed: 1);
    private static readonly PlannedRun B = Planned("bbbbbbbbbbbb", seed: 2);
    private static readonly PlannedRun C = Planned("cccccccccccc", seed: 3);

    private readonly TestProbe _client;
    private readonly TestProbe _other;

    public SweepTests()
    {
        _client = CreateTestProbe("client");
        _other = CreateTestProbe("other-slot");
    }

    [Fact]
    public async Task Given_devices_runs_are_placed_in_order_one_per_device()
    {
        IActorRef sweep = Start();
        Register(sweep, Slot, "cpu:0");
        Register(sweep, _other, "cpu:1");
        Submit(sweep, A, B, C);

        StartTrainer first = await NextAsync<StartTrainer>(Slot);
        StartTrainer second = await NextAsync<StartTrainer>(_other);
        Assert.Equal((A.Run, B.Run), (first.Run, second.Run));
        Assert.Equal((A.Specification, B.Specification), (first.Specification, second.Specification));

        // A device that says again that it is there is no second one.
        Register(sweep, Slot, "cpu:0");
        await PassAsync(sweep);
        await ExpectNothingSoFarAsync(Slot);

        Finish(second);
        Assert.Equal(C.Run, (await NextAsync<StartTrainer>(_other)).Run);
    }

    [Fact]
    public async Task Given_a_device_that_comes_late_it_gets_the_next_run()
    {
        IActorRef sweep = Start();
        Submit(sweep, A, B);
        Register(sweep, Slot, "cpu:0");
        Assert.Equal(A.Run, (await NextAsync<StartTrainer>(Slot)).Run);

        Register(sweep, _other, "cpu:1");

        Assert.Equal(B.Run, (await NextAsync<StartTrainer>(_other)).Run);
    }

    [Fact]
    public async Task Given_all_runs_have_ended_the_submitter_is_told()
    {
        IActorRef sweep = Start();
        Register(sweep, Slot, "cpu:0");
        Submit(sweep, A, B);
        Finish(await NextAsync<StartTrainer>(Slot));
        Finish(await NextAsync<StartTrainer>(Slot));

        SweepProtocol.Ended ended = await NextAsync<SweepProtocol.Ended>(_client);

        Assert.False(ended.Interrupted);
        Assert.Equal(
            new Dictionary<string, RunStatus> { [A.Run] = RunStatus.Completed, [B.Run] = RunStatus.Completed },
            ended.Runs);
        Assert.Equal(
            [new RunConcluded(A.Run, RunStatus.Completed, Samples.At), new RunConcluded(B.Run, RunStatus.Completed, Samples.At)],
            (await ExperimentJournalAsync()).Skip(1));
    }

    [Fact]
    public async Task Given_a_new_life_finished_runs_are_not_woken_and_the_same_experiment_adds_no_event()
    {
        IActorRef sweep = Start();
        Register(sweep, Slot, "cpu:0");
        Submit(sweep, A, B);
        Finish(await NextAsync<StartTrainer>(Slot));
        StartTrainer cut = await NextAsync<StartTrainer>(Slot);
        await EndAsync(sweep);
        IReadOnlyList<IJournalEvent> before = await ExperimentJournalAsync();
        IReadOnlyList<IJournalEvent> finished = await EventLog.ReadAsync(Sys, "run-" + A.Run);

        sweep = Start();
        Register(sweep, Slot, "cpu:0");
        // It may be watched differently this time.
        ExperimentSpecification again = Samples.Experiment(A, B) with { EvaluateEvery = 7 };
        sweep.Tell(new SweepProtocol.Submit(again), _client);

        StartTrainer order = await NextAsync<StartTrainer>(Slot);
        Assert.Equal((B.Run, cut.Epoch + 1, 7), (order.Run, order.Epoch, order.Observation.EvaluateEvery));
        Assert.Equal(before.Select(e => e.GetType()), (await ExperimentJournalAsync()).Select(e => e.GetType()));
        Assert.Single(before.OfType<ExperimentAccepted>());
        Assert.Equal(finished, await EventLog.ReadAsync(Sys, "run-" + A.Run));

        Finish(order);
        Assert.False((await NextAsync<SweepProtocol.Ended>(_client)).Interrupted);
    }

    [Fact]
    public async Task Given_everything_had_ended_in_an_earlier_life_the_submitter_is_told_at_once()
    {
        await EventLog.WriteAsync(
            Sys, "experiment-study", new ExperimentAccepted(Samples.Experiment(A), Samples.At),
            new RunConcluded(A.Run, RunStatus.Diverged, Samples.At));

        Submit(Start(), A);

        SweepProtocol.Ended ended = await NextAsync<SweepProtocol.Ended>(_client);
        Assert.False(ended.Interrupted);
        Assert.Equal(RunStatus.Diverged, ended.Runs[A.Run]);
    }

    [Fact]
    public async Task Given_other_runs_under_the_same_name_they_replace_what_was_asked_for()
    {
        IActorRef sweep = Start();
        Submit(sweep, A);
        Submit(sweep, A, B);
        Register(sweep, Slot, "cpu:0");
        Finish(await NextAsync<StartTrainer>(Slot));

        Assert.Equal(B.Run, (await NextAsync<StartTrainer>(Slot)).Run);
        Assert.Equal(
            [1, 2],
            (await ExperimentJournalAsync()).OfType<ExperimentAccepted>().Select(e => e.Experiment.Runs.Count));
    }

    [Fact]
    public async Task Given_an_interrupt_what_runs_is_paused_nothing_new_starts_and_the_submitter_is_told()
    {
        IActorRef sweep = Start();
        Register(sweep, Slot, "cpu:0");
        Submit(sweep, A, B);
        StartTrainer order = await ExpectStartAsync();

        sweep.Tell(new SweepProtocol.Interrupt());
        await NextAsync<PauseTrainer>(Trainer);
        await ExpectNothingSoFarAsync(_client);
        Report(order, new AttemptPaused(order.Run, order.Epoch, order.Attempt, 5));

        SweepProtocol.Ended ended = await NextAsync<SweepProtocol.Ended>(_client);
        Assert.True(ended.Interrupted);
        Assert.Equal(
            new Dictionary<string, RunStatus> { [A.Run] = RunStatus.Paused, [B.Run] = RunStatus.Pending }, ended.Runs);
        await ExpectNothingSoFarAsync(Slot);
    }

    [Fact]
    public async Task Given_an_interrupt_before_any_device_the_submitter_is_told_at_once()
    {
        IActorRef sweep = Start();
        sweep.Tell(new SweepProtocol.Interrupt());
        Submit(sweep, A);

        Assert.True((await NextAsync<SweepProtocol.Ended>(_client)).Interrupted);
    }

    [Fact]
    public async Task Given_a_run_that_has_to_wait_the_next_one_gets_its_device()
    {
        IActorRef sweep = Start();
        Register(sweep, Slot, "cpu:0");
        Submit(sweep, A, B);
        StartTrainer order = await ExpectStartAsync();

        Report(order, new TrainerFailed(order.Run, order.Epoch, "killed", UserCode: false));
        StartTrainer next = await NextAsync<StartTrainer>(Slot);
        Assert.Equal(B.Run, next.Run);

        // And the one that waited comes back.
        Finish(next);
        Assert.Equal((A.Run, 2), await RunAndEpochAsync());
    }

    [Fact]
    public async Task Given_an_end_that_the_runs_own_journal_does_not_tell_then_the_run_goes_on()
    {
        await EventLog.WriteAsync(
            Sys, "experiment-study", new ExperimentAccepted(Samples.Experiment(A, B), Samples.At),
            new RunConcluded(A.Run, RunStatus.Completed, Samples.At), new RunConcluded(B.Run, RunStatus.Failed, Samples.At));
        await EventLog.WriteAsync(Sys, "run-" + B.Run, new RunClaimed(1, "host", "cpu:0", Samples.At), new RunStopped(3, Samples.At));

        IActorRef sweep = Start();
        Register(sweep, Slot, "cpu:0");
        sweep.Tell(
            new SweepProtocol.Submit(Samples.Experiment(A, B))
            {
                Runs = new Dictionary<string, RunStatus> { [A.Run] = RunStatus.Pending, [B.Run] = RunStatus.Stopped },
            },
            _client);
        StartTrainer order = await NextAsync<StartTrainer>(Slot);
        Assert.Equal(A.Run, order.Run);
        Finish(order);

        // B trained nothing; its own journal says how it ended.
        SweepProtocol.Ended ended = await NextAsync<SweepProtocol.Ended>(_client);
        Assert.Equal(
            new Dictionary<string, RunStatus> { [A.Run] = RunStatus.Completed, [B.Run] = RunStatus.Stopped }, ended.Runs);
        Assert.Equal(
            [RunStatus.Completed, RunStatus.Stopped],
            (await ExperimentJournalAsync()).OfType<RunConcluded>().Skip(2).Select(concluded => concluded.State));
    }

    private static PlannedRun Planned(string run, int seed) =>
        Samples.Planned(run, $"seed={seed}", Samples.Specification with { Seed = seed });

    private static void Register(IActorRef sweep, TestProbe slot, string device) =>
        sweep.Tell(new SweepProtocol.RegisterDevice("host", device, slot), slot);

    private IActorRef Start() => Sys.ActorOf(Sweep.Props("study", Services, Time));

    private void Submit(IActorRef sweep, params PlannedRun[] runs) =>
        sweep.Tell(new SweepProtocol.Submit(Samples.Experiment(runs)), _client);

    private void Finish(StartTrainer order)
    {
        Begin(order, Trainer);
        Report(order, new AttemptFinished(order.Run, order.Epoch, order.Attempt, Samples.Evaluated, "abc"));
    }

    private async Task<(string Run, long Epoch)> RunAndEpochAsync()
    {
        StartTrainer order = await NextAsync<StartTrainer>(Slot);
        return (order.Run, order.Epoch);
    }

    private Task<IReadOnlyList<IJournalEvent>> ExperimentJournalAsync() => EventLog.ReadAsync(Sys, "experiment-study");
}
