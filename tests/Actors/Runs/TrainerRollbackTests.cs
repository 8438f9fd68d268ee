using Akka.Actor;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Snapshots;
using CurvatureActors.Actors.Tests.Hosting;
using CurvatureActors.Actors.Tests.Snapshots;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Tests.Runs;

/// <summary>
/// A real trainer of an attempt that a rollback began at step 20, with snapshots at every tenth of 30 steps. The oracle is a
/// session that no actor ever saw.
/// </summary>
public sealed class TrainerRollbackTests : NodeTest
{
    private const int From = 20;

    private static readonly ExperimentSpecification Experiment = SmallExperiment.Load("probe.enabled=off", "model.dropout=0.1");
    private static readonly RunSpecification Run = Experiment.Runs[0].Specification;
    private static readonly TrainingPlan First = TrainingPlan.Initial(Run);
    private static readonly TrainingPlan Second = First with { PeakLearningRate = First.PeakLearningRate / 2 };

    private readonly SnapshotFolder _folder = new(Directory.CreateTempSubdirectory("curvature-rollback-").FullName);

    [Fact]
    public async Task Given_an_attempt_trained_from_the_rollback_or_again_from_the_initialisation_then_the_same_bits_and_detector()
    {
        TrainerSurroundings.Seen again = new();
        var whole = Assert.IsType<AttemptFinished>(await TrainAsync(again, from: null));
        TrainerSurroundings.Seen direct = new();
        var part = Assert.IsType<AttemptFinished>(await TrainAsync(direct, again.Snapshots[From]));

        // What lies before the attempt is trained again without being reported, but its anchors are there again.
        Assert.Equal([0, 10, 20, 30], again.Snapshots.Keys.Order());
        Assert.Equal(Enumerable.Range(From, 10), again.Steps.Select(step => step.Step));
        Assert.Equal(direct.Steps, again.Steps);
        Assert.Equal(part.ParametersSha256, whole.ParametersSha256);
        Assert.Equal(direct.Snapshots[30].Sha256, again.Snapshots[30].Sha256);

        (string sha256, string before, string after) = Alone();
        Assert.Equal(sha256, whole.ParametersSha256);
        Assert.Equal(after, DetectorOf(again.Snapshots[30]));
        Assert.Equal(before, DetectorOf(again.Snapshots[10]));
    }

    /// <summary>The parameters at the end, and the detector's state after 10 steps and at the end.</summary>
    private static (string Sha256, string Before, string After) Alone()
    {
        using TrainingSession session = SmallExperiment.Session(Run);
        string before = "";
        while (session.Step < From)
        {
            if (session.Step == 10)
            {
                before = DetectorOf(session);
            }

            session.Advance();
        }

        session.Adopt(Second);
        // A detector that has seen nothing but this attempt's steps.
        DivergenceDetector fresh = new(Run, Guessing.Of(Run.Training.Loss, DataSets.Load(Run.Data).Train.LabelCounts));
        while (!session.Finished)
        {
            StepMetrics metrics = session.Advance().Metrics;
            Assert.Null(fresh.Observe(in metrics));
        }

        return (session.ParametersSha256(), before, fresh.SaveState());
    }

    private static string DetectorOf(TrainingSession session)
    {
        using SnapshotBuffer snapshot = session.Capture(new SnapshotOrigin(Run.Identity(), 1, 1));
        return snapshot.Header.DetectorState;
    }

    private string DetectorOf(SnapshotReference reference)
    {
        using SnapshotBuffer snapshot = _folder.Read(reference.File, reference.Sha256);
        return snapshot.Header.DetectorState;
    }

    private async Task<IAttemptEnd> TrainAsync(TrainerSurroundings.Seen seen, SnapshotReference? from)
    {
        IActorRef others = Sys.ActorOf(Props.Create(() => new TrainerSurroundings(Run, _folder, seen)));
        var order = new StartTrainer(
            Run.Identity(), 1, 2, From, Run, Second, RunPolicy.Of(Experiment).Observation, from, others)
        {
            StartStep = _folder.StepOf(from),
            EarlierPlans = [new PlanSegment(0, First)],
        };
        IActorRef trainer = Sys.ActorOf(Trainer.Props(
            order, new NodeServices("node", others, _folder, others, others), "cpu"));
        IAttemptEnd end = await seen.End.Task.WaitAsync(Patience, Cancellation);
        await StopAsync(trainer);
        await StopAsync(others);
        return end;
    }
}
