using Akka.Actor;
using Akka.TestKit;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Sweeps;
using CurvatureActors.Actors.Tests.Journal;
using CurvatureActors.Actors.Tests.Runs;

namespace CurvatureActors.Actors.Tests.Sweeps;

/// <summary>Pause, continue, stop and cancel in each phase of a run; real supervisors, the test is device and trainer.</summary>
public sealed class SweepControlTests : SupervisorFixture
{
    private static readonly PlannedRun A = Planned("aaaaaaaaaaaa", seed: 1);
    private static readonly PlannedRun B = Planned("aabbbbbbbbbb", seed: 2);

    private readonly TestProbe _client;
    private readonly TestProbe _user;
    private readonly IActorRef _sweep;

    public SweepControlTests()
    {
        _client = CreateTestProbe("client");
        _user = CreateTestProbe("user");
        _sweep = Sys.ActorOf(Sweep.Props("study", Services, Time));
    }

    [Theory]
    [InlineData("aaaa")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("seed=1")]
    public async Task Given_a_running_run_a_pause_answers_when_it_is_paused_and_its_device_takes_the_next(string target)
    {
        StartTrainer order = await RunningAsync(A, B);

        Ask(ControlAction.Pause, target);
        await NextAsync<PauseTrainer>(Trainer);
        await ExpectNothingSoFarAsync(_user);
        Paused(order, 40);

        await AnsweredAsync((A, RunStatus.Paused, "paused at step 40"));
        Assert.Equal(B.Run, (await NextAsync<StartTrainer>(Slot)).Run);

        // Again: nothing to do.
        Ask(ControlAction.Pause, target);
        await AnsweredAsync((A, RunStatus.Paused, "nothing to do, it is already paused"));
    }

    [Fact]
    public async Task Given_a_paused_run_the_program_waits_until_it_is_continued_and_completed()
    {
        StartTrainer order = await RunningAsync(A);
        Ask(ControlAction.Pause, A.Run);
        await NextAsync<PauseTrainer>(Trainer);
        Paused(order, 40);
        await AnsweredAsync((A, RunStatus.Paused, "paused at step 40"));
        await PassAsync(_sweep);
        await ExpectNothingSoFarAsync(_client);
        await ExpectNothingSoFarAsync(Slot);

        Ask(ControlAction.Continue, A.Run);

        await AnsweredAsync((A, RunStatus.Running, "continued, it goes on as soon as a device is free"));
        order = await NextAsync<StartTrainer>(Slot);
        Assert.Equal((A.Run, 2, 40), (order.Run, order.Epoch, Step(order.StartFrom!.File)));
        Ask(ControlAction.Continue, A.Run);
        await AnsweredAsync((A, RunStatus.Running, "nothing to do, it is neither paused nor held but running"));
        Finish(order);
        await EndedAsync(interrupted: false, RunStatus.Completed);
    }

    [Fact]
    public async Task Given_a_continue_while_it_pauses_the_run_goes_on_once_it_has_paused()
    {
        StartTrainer order = await RunningAsync(A);
        Ask(ControlAction.Pause, A.Run);
        await NextAsync<PauseTrainer>(Trainer);

        Ask(ControlAction.Continue, A.Run);
        await AnsweredAsync((A, RunStatus.Running, "continued, it goes on as soon as it has paused"));
        Paused(order, 7);

        await AnsweredAsync((A, RunStatus.Paused, "paused at step 7"));
        Assert.Equal(2, (await NextAsync<StartTrainer>(Slot)).Epoch);
    }

    [Fact]
    public async Task Given_a_waiting_run_a_pause_holds_it_and_the_program_stays()
    {
        StartTrainer order = await RunningAsync(A, B);

        Ask(ControlAction.Pause, B.Run);
        await AnsweredAsync((B, RunStatus.Pending, "held, it goes on only when it is continued"));
        Ask(ControlAction.Pause, B.Run);
        await AnsweredAsync((B, RunStatus.Pending, "nothing to do, it is already held"));
        await FinishedAsync(order);
        await ExpectNothingSoFarAsync(Slot);
        await ExpectNothingSoFarAsync(_client);

        Ask(ControlAction.Continue, B.Run);
        Finish(await NextAsync<StartTrainer>(Slot));
        await EndedAsync(interrupted: false, RunStatus.Completed, RunStatus.Completed);
    }

    [Fact]
    public async Task Given_an_experiment_a_pause_holds_all_of_it()
    {
        StartTrainer order = await RunningAsync(A, B);

        AskAll(ControlAction.Pause);
        await NextAsync<PauseTrainer>(Trainer);
        Paused(order, 40);

        await AnsweredAsync(
            (A, RunStatus.Paused, "paused at step 40"),
            (B, RunStatus.Pending, "held, it goes on only when it is continued"));
        await PassAsync(_sweep);
        await ExpectNothingSoFarAsync(Slot);

        AskAll(ControlAction.Continue);
        Assert.Equal(A.Run, (await NextAsync<StartTrainer>(Slot)).Run);
    }

    [Fact]
    public async Task Given_a_pause_that_the_run_is_too_fast_for_the_answer_says_so()
    {
        StartTrainer order = await RunningAsync(A);
        Ask(ControlAction.Pause, A.Run);
        await NextAsync<PauseTrainer>(Trainer);
        Report(order, new AttemptFinished(order.Run, order.Epoch, order.Attempt, Samples.Evaluated, "abc"));

        await AnsweredAsync((A, RunStatus.Completed, "completed before it could be paused"));
        await EndedAsync(interrupted: false, RunStatus.Completed);
    }

    [Fact]
    public async Task Given_a_stop_of_the_experiment_what_runs_finishes_and_the_program_ends_as_interrupted()
    {
        StartTrainer order = await RunningAsync(A, B);

        AskAll(ControlAction.Stop);

        await AnsweredAsync(
            (A, RunStatus.Running, "running, it will finish"),
            (B, RunStatus.Pending, "stays pending, this program will not start it"));
        Finish(order);
        await EndedAsync(interrupted: true, RunStatus.Completed, RunStatus.Pending);
        await ExpectNothingSoFarAsync(Slot);
        Assert.Empty(await EventLog.ReadAsync(Sys, "run-" + B.Run));
    }

    [Fact]
    public async Task Given_a_stop_of_a_waiting_run_only_the_others_are_trained_unless_it_is_continued()
    {
        StartTrainer order = await RunningAsync(A, B);
        Ask(ControlAction.Stop, B.Run);
        await AnsweredAsync((B, RunStatus.Pending, "stays pending, this program will not start it"));
        Ask(ControlAction.Stop, B.Run);
        await AnsweredAsync((B, RunStatus.Pending, "nothing to do, this program will not start it already"));
        Ask(ControlAction.Pause, B.Run);
        await AnsweredAsync((B, RunStatus.Pending, "nothing to do, this program will not start it"));

        Ask(ControlAction.Continue, B.Run);
        await AnsweredAsync((B, RunStatus.Pending, "continued, it goes on as soon as a device is free"));
        Finish(order);
        Assert.Equal(B.Run, (await NextAsync<StartTrainer>(Slot)).Run);
    }

    [Fact]
    public async Task Given_a_stop_of_a_paused_run_the_program_need_not_wait_for_it()
    {
        StartTrainer order = await RunningAsync(A);
        Ask(ControlAction.Pause, A.Run);
        await NextAsync<PauseTrainer>(Trainer);
        Paused(order, 40);
        await AnsweredAsync((A, RunStatus.Paused, "paused at step 40"));

        Ask(ControlAction.Stop, A.Run);

        await AnsweredAsync((A, RunStatus.Paused, "stays paused, this program will not start it"));
        await EndedAsync(interrupted: true, RunStatus.Paused);
    }

    [Fact]
    public async Task Given_a_cancel_of_a_running_run_it_is_stopped_with_a_snapshot_and_the_next_gets_its_device()
    {
        StartTrainer order = await RunningAsync(A, B);

        Ask(ControlAction.Cancel, A.Run);
        await NextAsync<PauseTrainer>(Trainer);
        Ask(ControlAction.Pause, A.Run);
        await AnsweredAsync((A, RunStatus.Running, "nothing to do, it is being cancelled"));
        Paused(order, 40);

        await AnsweredAsync((A, RunStatus.Stopped, "stopped for good at step 40"));
        Ask(ControlAction.Cancel, A.Run);
        await AnsweredAsync((A, RunStatus.Stopped, "nothing to do, it is already stopped"));
        Finish(await NextAsync<StartTrainer>(Slot));
        await EndedAsync(interrupted: false, RunStatus.Stopped, RunStatus.Completed);
        Assert.Contains(new RunConcluded(A.Run, RunStatus.Stopped, Samples.At), await EventLog.ReadAsync(Sys, "experiment-study"));
    }

    [Fact]
    public async Task Given_a_cancel_of_a_waiting_and_of_a_paused_run_they_are_stopped_at_once()
    {
        StartTrainer order = await RunningAsync(A, B);
        Ask(ControlAction.Cancel, B.Run);
        await AnsweredAsync((B, RunStatus.Stopped, "stopped for good at step 0"));
        Ask(ControlAction.Pause, A.Run);
        await NextAsync<PauseTrainer>(Trainer);
        Paused(order, 40);
        await AnsweredAsync((A, RunStatus.Paused, "paused at step 40"));

        AskAll(ControlAction.Cancel);

        await AnsweredAsync(
            (A, RunStatus.Stopped, "stopped for good at step 40"), (B, RunStatus.Stopped, "nothing to do, it is already stopped"));
        await EndedAsync(interrupted: false, RunStatus.Stopped, RunStatus.Stopped);
    }

    [Fact]
    public async Task Given_a_cancel_while_a_remedy_is_measured_the_run_is_stopped_at_once()
    {
        PlannedRun run = A with
        {
            Specification = A.Specification.WithRecovery(recovery => recovery with { Ladder = ["lower-rate"] }),
        };
        StartTrainer order = await RunningAsync(run);
        Commit(order, 0, 20, 40);
        Diverge(order, Samples.BlowUp(45));
        await NextAsync<ProbePool.MeasureStored>(Slot);

        Ask(ControlAction.Cancel, A.Run);

        await AnsweredAsync((A, RunStatus.Stopped, "stopped for good at step 40"));
        await EndedAsync(interrupted: false, RunStatus.Stopped);
    }

    [Fact]
    public async Task Given_a_trainer_that_is_lost_while_it_is_cancelled_the_run_is_stopped_all_the_same()
    {
        StartTrainer order = await RunningAsync(A);
        Commit(order, 0, 20);
        Ask(ControlAction.Cancel, A.Run);
        await NextAsync<PauseTrainer>(Trainer);

        Report(order, new TrainerFailed(order.Run, order.Epoch, "killed", UserCode: false));

        await AnsweredAsync((A, RunStatus.Stopped, "stopped for good at step 20"));
        await EndedAsync(interrupted: false, RunStatus.Stopped);
    }

    [Fact]
    public async Task Given_a_run_that_waits_after_a_loss_it_can_be_held_and_cancelled()
    {
        StartTrainer order = await RunningAsync(A);
        Report(order, new TrainerFailed(order.Run, order.Epoch, "killed", UserCode: false));

        Ask(ControlAction.Pause, A.Run);
        RunOutcome outcome = Assert.Single((await NextAsync<SweepProtocol.Controlled>(_user)).Runs);
        Assert.Contains(outcome.Message, (string[])["held, it goes on only when it is continued", "lost its trainer and is held at step 0"]);

        Ask(ControlAction.Cancel, A.Run);
        await AnsweredAsync((A, RunStatus.Stopped, "stopped for good at step 0"));
    }

    [Theory]
    [InlineData("bbbb", false)]
    [InlineData("aa", false)]
    [InlineData("study", false)]
    [InlineData("aaaaaaaaaaaa", true)]
    public async Task Given_no_such_target_or_more_than_one_then_nothing_is_found(string target, bool experiment)
    {
        await RunningAsync(A, B);
        _sweep.Tell(new SweepProtocol.Control(ControlAction.Cancel, new ControlTarget(target, experiment)), _user);

        Assert.False((await NextAsync<SweepProtocol.Controlled>(_user)).Found);
        await ExpectNothingSoFarAsync(Trainer);
    }

    [Fact]
    public async Task Given_a_control_before_the_experiment_it_waits_for_it()
    {
        Ask(ControlAction.Stop, A.Run);
        _sweep.Tell(new SweepProtocol.Submit(Samples.Experiment(A)), _client);

        await AnsweredAsync((A, RunStatus.Pending, "stays pending, this program will not start it"));
        await EndedAsync(interrupted: true, RunStatus.Pending);
    }

    private static PlannedRun Planned(string run, int seed) =>
        Samples.Planned(run, $"seed={seed}", Samples.Specification with { Seed = seed });

    private static int Step(string file) => int.Parse(
        Path.GetFileNameWithoutExtension(file).Split('-')[1], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>One device; the first run is trained on it.</summary>
    private async Task<StartTrainer> RunningAsync(params PlannedRun[] runs)
    {
        _sweep.Tell(new SweepProtocol.RegisterDevice("host", "cpu:0", Slot), Slot);
        _sweep.Tell(new SweepProtocol.Submit(Samples.Experiment(runs)), _client);
        return await ExpectStartAsync();
    }

    private void Ask(ControlAction action, string run) =>
        _sweep.Tell(new SweepProtocol.Control(action, new ControlTarget(run, Experiment: false)), _user);

    private void AskAll(ControlAction action) =>
        _sweep.Tell(new SweepProtocol.Control(action, new ControlTarget("study", Experiment: true)), _user);

    private async Task AnsweredAsync(params (PlannedRun Run, RunStatus State, string Message)[] expected)
    {
        SweepProtocol.Controlled answer = await NextAsync<SweepProtocol.Controlled>(_user);
        Assert.True(answer.Found);
        Assert.Equal(
            expected.Select(run => new RunOutcome(run.Run.Run, run.Run.Name, run.State, run.Message)), answer.Runs);
    }

    private async Task EndedAsync(bool interrupted, params RunStatus[] states)
    {
        SweepProtocol.Ended ended = await NextAsync<SweepProtocol.Ended>(_client);
        Assert.Equal(interrupted, ended.Interrupted);
        Assert.Equal(states, ended.Runs.OrderBy(run => run.Key, StringComparer.Ordinal).Select(run => run.Value));
    }

    private void Paused(StartTrainer order, int step)
    {
        Commit(order, step, anchor: false);
        Report(order, new AttemptPaused(order.Run, order.Epoch, order.Attempt, step));
    }

    private void Finish(StartTrainer order)
    {
        Begin(order, Trainer);
        Report(order, new AttemptFinished(order.Run, order.Epoch, order.Attempt, Samples.Evaluated, "abc"));
    }

    /// <summary>Finishes a run and waits until the sweep knows.</summary>
    private async Task FinishedAsync(StartTrainer order)
    {
        Report(order, new AttemptFinished(order.Run, order.Epoch, order.Attempt, Samples.Evaluated, "abc"));
        await AwaitAssertAsync(
            async () => Assert.Single((await EventLog.ReadAsync(Sys, "experiment-study")).OfType<RunConcluded>()),
            TimeSpan.FromSeconds(20));
        await PassAsync(_sweep);
    }
}
