using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Telemetry;
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

    private const string AllKinds =
        """
        probe.kinds={ top { enabled = on, every = 8, count = 2 }, trace { enabled = on, every = 15, products = 9, dense-steps = 1 }
        density { enabled = on, every = 10, probes = 2, steps = 4 }, layers { enabled = on, every = 30 }
        critical-sharpness { enabled = on, spacing = logarithmic, per-decade = 2 }
        batch-sharpness { enabled = on, every = 20, batches = 2 }, directional { enabled = on, every = 12, count = 2 } }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("curvature-runner-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("probe.policy=latest")]
    [InlineData("probe.policy=every")]
    [InlineData("probe.policy=queue")]
    [InlineData("probe.enabled=false")]
    [InlineData(AllKinds)]
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

    [Fact]
    public async Task Given_kinds_of_measurement_then_each_has_its_values_at_its_own_steps()
    {
        ExperimentSpecification experiment = ExperimentLoader.LoadText(
            Text, "tiny", ["probe.policy=every", "sweep.seeds=1", AllKinds]);
        var directory = new StateDirectory(_folder);
        using (StateDirectoryLock.Acquire(directory))
        {
            await using ExperimentRunner runner = await ExperimentRunner.StartAsync(directory, experiment, ["cpu"]);
            await runner.RunAsync();
        }

        using var reader = new StateReader(directory);
        string run = Assert.Single(Assert.Single(reader.Experiments()).Runs).Run;
        IReadOnlyList<CurvatureValueRow> values = reader.CurvatureValues(run);
        Assert.Equal([0, 8, 16, 24, 30], Steps("top"));
        Assert.Equal([0, 15, 30], Steps("trace"));
        Assert.Equal([0, 10, 20, 30], Steps("density"));
        Assert.Equal([0, 30], Steps("layers"));
        Assert.Equal([0, 1, 3, 10, 30], Steps("critical-sharpness"));
        Assert.Equal([0, 20, 30], Steps("batch-sharpness"));
        Assert.Equal([0, 12, 24, 30], Steps("directional"));
        Assert.Equal([0, 10, 20, 30], reader.Densities(run).Select(row => row.Step));
        Assert.Equal([0, 1, 2, 4, 8, 12, 16, 20, 24, 28, 30], reader.Measurements(run).Select(row => row.Step));

        // The largest eigenvalue is found twice, warm and cold, to the tolerance of 1e-3.
        double lambda1 = reader.Measurements(run)[^1].Measurement.Lambda1;
        Assert.Equal(lambda1, values.Single(row => row is { Kind: "top", Name: "lambda1", Step: 30 }).Value, 5e-3 * lambda1);

        IEnumerable<int> Steps(string kind) => values.Where(row => row.Kind == kind).Select(row => row.Step).Distinct().Order();
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
