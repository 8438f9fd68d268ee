using Akka.Actor;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Actors.Tests.Hosting;
using CurvatureActors.Actors.Tests.Snapshots;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Schedules;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Tests.Runs;

/// <summary>
/// A real trainer whose rates rest on lambda1, between probes that answer when the test says. The oracle is a session
/// that no actor ever saw. Steps 0 to 2 are dense, then every 4; snapshots at 10 and 30 wait for the steps 8 and 28.
/// </summary>
public sealed class TrainerCapTests : NodeTest
{
    private static readonly ExperimentSpecification Experiment = SmallExperiment.Load(
        "schedule.max-stability-ratio=0.02", "schedule.curvature-lag=3", "model.dropout=0.1", "runtime.slice=1");

    private static readonly RunSpecification Run = Experiment.Runs[0].Specification;

    private readonly SnapshotFolder _folder = new(Directory.CreateTempSubdirectory("curvature-cap-").FullName);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Given_prompt_or_late_answers_then_steps_and_parameters_are_those_of_a_session_without_actors(bool late)
    {
        TrainerSurroundings.Seen seen = new() { Late = late };
        var finished = Assert.IsType<AttemptFinished>(await TrainAsync(seen));

        (string sha256, List<StepMetrics> steps) = Alone();
        Assert.Equal(steps, seen.Steps);
        Assert.Equal(sha256, finished.ParametersSha256);
        Assert.All(seen.Steps, step => Assert.True(step.LearningRate < Run.Optimizer.LearningRate));
        Assert.Equal(Enumerable.Range(0, 3).Concat([4, 8, 12, 16, 20, 24, 28, 30]), seen.Measurements.Select(row => row.Step));
        if (late)
        {
            // Each value came after all updates but those that it limits, and none of these was made without it.
            Assert.Equal([0, 0, 0, 3, 3, 3, 3, 3, 3], seen.Measurements.SkipLast(2).Select(row => row.Lag));
        }

        foreach (MeasurementRow row in seen.Measurements.Where(row => row.Step < Run.Training.Steps))
        {
            Assert.Equal(seen.Steps[row.Step].LearningRate, row.Measurement.LearningRate);
        }

        Assert.All(seen.Measurements.Take(3), row => Assert.Equal(0.02, row.Measurement.StabilityRatio!.Value, 1e-12));
    }

    [Fact]
    public async Task Given_prompt_and_late_answers_then_snapshots_are_the_same_to_the_byte_and_any_of_them_leads_to_the_same_end()
    {
        TrainerSurroundings.Seen prompt = new();
        var finished = Assert.IsType<AttemptFinished>(await TrainAsync(prompt));
        TrainerSurroundings.Seen late = new() { Late = true };
        _ = await TrainAsync(late);
        Assert.Equal([0, 10, 20, 30], late.Snapshots.Keys.Order());
        Assert.Equal(prompt.Snapshots, late.Snapshots);

        foreach (int step in (int[])[10, 20])
        {
            TrainerSurroundings.Seen resumed = new() { Late = step == 10 };
            var end = Assert.IsType<AttemptFinished>(await TrainAsync(resumed, from: late.Snapshots[step]));
            Assert.Equal(finished.ParametersSha256, end.ParametersSha256);
            Assert.Equal(prompt.Steps.Skip(step), resumed.Steps);
        }
    }

    [Fact]
    public async Task Given_a_pause_amid_measurements_then_its_snapshot_has_them_and_leads_to_the_same_end()
    {
        TrainerSurroundings.Seen paused = new() { Late = true, PauseAt = 12 };
        int at = Assert.IsType<AttemptPaused>(await TrainAsync(paused)).Step;
        Assert.Equal(0, paused.Cancels);
        Assert.InRange(at, 12, 15);
        using (SnapshotBuffer snapshot = _folder.Read(paused.Snapshots[at].File, paused.Snapshots[at].Sha256))
        {
            Assert.Equal(at > 12, snapshot.Header.StabilityLimits!.Any(limit => limit is { MeasuredAt: 12, From: 15 }));
        }

        TrainerSurroundings.Seen resumed = new() { Late = true };
        var end = Assert.IsType<AttemptFinished>(await TrainAsync(resumed, from: paused.Snapshots[at]));
        Assert.Equal(Alone().Sha256, end.ParametersSha256);
    }

    [Fact]
    public async Task Given_an_attempt_whose_own_snapshot_is_lost_then_the_steps_before_it_are_measured_again_and_not_reported()
    {
        TrainerSurroundings.Seen first = new();
        _ = await TrainAsync(first);
        TrainingPlan plan = TrainingPlan.Initial(Run) with { PeakLearningRate = 0.02 };
        TrainerSurroundings.Seen whole = new() { AttemptFrom = 20 };
        var expected = Assert.IsType<AttemptFinished>(await TrainAsync(whole, from: first.Snapshots[20], plan));
        TrainerSurroundings.Seen again = new() { AttemptFrom = 20 };
        var end = Assert.IsType<AttemptFinished>(await TrainAsync(again, from: first.Snapshots[10], plan));
        Assert.Equal(expected.ParametersSha256, end.ParametersSha256);
        Assert.Equal(whole.Steps, again.Steps);
        Assert.Equal([20, 21, 22, 24, 28, 30], again.Measurements.Select(row => row.Step));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task Given_a_measurement_that_fails_then_the_attempt_ends_with_the_reason_and_nothing_is_trained_without_it(int step)
    {
        TrainerSurroundings.Seen seen = new() { Late = true, FailAt = step };
        var failed = Assert.IsType<TrainerFailed>(await TrainAsync(seen));
        Assert.False(failed.UserCode);
        Assert.Equal(
            $"the curvature at step {step}, which schedule.max-stability-ratio needs, could not be measured: it was told to",
            failed.Reason);
        Assert.DoesNotContain(seen.Steps, trained => trained.Step >= (step == 1 ? 1 : 11));
    }

    [Fact]
    public async Task Given_a_last_measurement_that_fails_then_no_rate_rests_on_it_and_the_run_completes()
    {
        var end = Assert.IsType<AttemptFinished>(await TrainAsync(new() { FailAt = 30 }));
        Assert.Equal(Alone().Sha256, end.ParametersSha256);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        Directory.Delete(_folder.Path, recursive: true);
    }

    private async Task<IAttemptEnd> TrainAsync(
        TrainerSurroundings.Seen seen, SnapshotReference? from = null, TrainingPlan? plan = null)
    {
        IActorRef others = Sys.ActorOf(Props.Create(() => new TrainerSurroundings(Run, _folder, seen)));
        var order = new StartTrainer(
            Run.Identity(), 1, 1, seen.AttemptFrom, Run, plan ?? TrainingPlan.Initial(Run),
            RunPolicy.Of(Experiment).Observation, from, others)
        {
            StartStep = _folder.StepOf(from),
            EarlierPlans = seen.AttemptFrom > 0 ? [new PlanSegment(0, TrainingPlan.Initial(Run))] : [],
        };
        IActorRef trainer = Sys.ActorOf(Trainer.Props(
            order, new NodeServices("node", others, _folder, others, others), "cpu"));
        IAttemptEnd end = await seen.End.Task.WaitAsync(Patience, Cancellation);
        await StopAsync(trainer);
        await StopAsync(others);
        return end;
    }

    private static (string Sha256, List<StepMetrics> Steps) Alone()
    {
        StabilityCapSpecification cap = Run.Schedule.StabilityCap!;
        using TrainingSession session = SmallExperiment.Session(Run);
        using CurvatureProbe probe = new(Run, DataSets.Load(Run.Data).Train);
        List<StepMetrics> steps = [];
        while (!session.Finished)
        {
            if (session.Step < 3 || session.Step % 4 == 0)
            {
                using SnapshotBuffer snapshot = session.Capture(new SnapshotOrigin(Run.Identity(), 1, 1));
                session.Limit(new StabilityLimit(
                    session.Step, session.Step < 3 ? session.Step : session.Step + cap.Lag, probe.MeasureCold(snapshot).Lambda1));
            }

            steps.Add(session.Advance().Metrics);
        }

        return (session.ParametersSha256(), steps);
    }
}
