using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Snapshots;
using CurvatureActors.Training.Specification;
using TorchSharp;

namespace CurvatureActors.Actors.Tests.Hosting;

/// <summary>A whole experiment in this process. The oracle is a training session that no actor ever saw.</summary>
[Collection(SnapshotMemory.Name)]
public sealed class ExperimentRunnerTests : IDisposable
{
    private const string Text =
        """
        curvature {
          seed = 5
          data { train-examples = 320, test-examples = 100 }
          model { kind = cnn, channels = [2, 3], hidden = [8], dropout = 0.1, normalization = batch }
          optimizer { kind = nesterov, learning-rate = 0.02 }
          training { steps = 30, batch-size = 16, evaluate-every = 7 }
          snapshot { every = 8, keep = 2 }
          probe { examples = 40, dense-steps = 3, every = 4 }
          sweep { seeds = 2 }
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("curvature-runner-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("probe.policy=latest")]
    [InlineData("probe.policy=every")]
    [InlineData("probe.policy=queue")]
    [InlineData("probe.enabled=false")]
    public async Task Given_any_way_of_observing_then_the_parameters_are_those_of_a_session_without_actors(string setting)
    {
        ExperimentSpecification experiment = ExperimentLoader.LoadText(Text, "tiny", [setting]);
        var directory = new StateDirectory(_folder);
        int leasesBefore = SnapshotMemory.LeasesInUse();

        ExperimentOutcome outcome;
        using (StateDirectoryLock.Acquire(directory))
        {
            await using ExperimentRunner runner = await ExperimentRunner.StartAsync(directory, experiment, ["cpu:0", "cpu:1"]);
            outcome = await runner.RunAsync();
        }

        Assert.False(outcome.Interrupted);
        Assert.All(outcome.Runs.Values, status => Assert.Equal(RunStatus.Completed, status));
        using var reader = new StateReader(directory);
        foreach (RunView run in Assert.Single(reader.Experiments()).Runs)
        {
            (string sha256, Evaluation evaluation, List<StepMetrics> metrics) = Alone(run.Specification);
            Assert.Equal(sha256, run.State.Completion!.ParametersSha256);
            Assert.Equal(evaluation, run.State.Completion.Evaluation);
            Assert.Equal(metrics, reader.Steps(run.Run).Select(row => row.Metrics));
            Assert.Equal([0, 7, 14, 21, 28, 30], reader.Evaluations(run.Run).Select(row => row.Step));
            Assert.Equal(
                run.Specification.Curvature.Enabled ? [30] : [], reader.Measurements(run.Run).Select(row => row.Step).TakeLast(1));
        }

        Assert.Equal(leasesBefore, SnapshotPool.Shared.BuffersInUse);
    }

    [Fact]
    public async Task Given_the_policy_every_then_every_due_snapshot_is_measured_with_no_lag()
    {
        ExperimentSpecification experiment = ExperimentLoader.LoadText(Text, "tiny", ["probe.policy=every", "sweep.seeds=1"]);
        var directory = new StateDirectory(_folder);
        using (StateDirectoryLock.Acquire(directory))
        {
            await using ExperimentRunner runner = await ExperimentRunner.StartAsync(directory, experiment, ["cpu"]);
            await runner.RunAsync();
        }

        using var reader = new StateReader(directory);
        RunView run = Assert.Single(Assert.Single(reader.Experiments()).Runs);
        Assert.Equal(
            [0, 1, 2, 4, 8, 12, 16, 20, 24, 28, 30], reader.Measurements(run.Run).Select(row => row.Step));
        Assert.All(reader.Measurements(run.Run), row => Assert.Equal(0, row.Lag));
    }

    private static (string Sha256, Evaluation Evaluation, List<StepMetrics> Metrics) Alone(RunSpecification specification)
    {
        using TrainingSession session = TrainingSession.Create(
            specification, DataSets.Load(specification.Data), torch.CPU);
        List<StepMetrics> metrics = [];
        while (!session.Finished)
        {
            metrics.Add(session.Advance().Metrics);
        }

        return (session.ParametersSha256(), session.Evaluate(), metrics);
    }
}
