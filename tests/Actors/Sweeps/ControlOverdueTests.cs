using Akka.Actor;
using Akka.TestKit;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Sweeps;
using CurvatureActors.Actors.Tests.Runs;

namespace CurvatureActors.Actors.Tests.Sweeps;

/// <summary>What is asked of a run is answered in time, whether or not its trainer hears; the time is the test's.</summary>
public sealed class ControlOverdueTests()
    : SupervisorFixture("""akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit" """)
{
    private static readonly PlannedRun Planned = Samples.Planned("aaaaaaaaaaaa", "sample", Samples.Specification);

    [Theory]
    [InlineData(ControlAction.Pause, "asked to pause, but it has not paused yet")]
    [InlineData(ControlAction.Cancel, "asked to end, but it has not ended yet")]
    public async Task Given_a_trainer_that_does_not_answer_then_after_a_minute_that_is_said(
        ControlAction action, string message)
    {
        TestProbe user = CreateTestProbe("user");
        IActorRef sweep = Sys.ActorOf(Sweep.Props("study", Services, Time));
        sweep.Tell(new SweepProtocol.RegisterDevice("host", "cpu:0", Slot), Slot);
        sweep.Tell(new SweepProtocol.Submit(Samples.Experiment(Planned)), CreateTestProbe("client"));
        await ExpectStartAsync();
        sweep.Tell(new SweepProtocol.Control(action, new ControlTarget(Planned.Run, Experiment: false)), user);
        await NextAsync<PauseTrainer>(Trainer);

        // The timer is set once the sweep answers.
        await PassAsync(sweep);
        var clock = (TestScheduler)Sys.Scheduler;
        clock.Advance(TimeSpan.FromSeconds(59));
        await PassAsync(sweep);
        await ExpectNothingSoFarAsync(user);
        clock.Advance(TimeSpan.FromSeconds(2));

        SweepProtocol.Controlled answer = await NextAsync<SweepProtocol.Controlled>(user);
        Assert.Equal(new RunOutcome(Planned.Run, Planned.Name, RunStatus.Running, message), Assert.Single(answer.Runs));
    }
}
