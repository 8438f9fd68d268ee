using CurvatureActors.Actors.Configuration;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Tests.Configuration;

public class ExperimentLoaderTests
{
    [Fact]
    public void An_empty_file_gives_one_run_with_the_defaults()
    {
        ExperimentSpecification experiment = ExperimentLoader.LoadText("", "studies/first.conf", []);
        Assert.Equal("first", experiment.Name);
        PlannedRun run = Assert.Single(experiment.Runs);
        Assert.Equal("first", run.Name);
        Assert.Empty(run.Parameters);
        Assert.Equal(run.Specification.Identity(), run.Run);
        Assert.Null(experiment.Devices);
        Assert.Equal(".curvature", experiment.StateDirectory);
        Assert.Equal(new ProbeOptions(20, 10, ProbePolicy.Latest, 1) { PerDecade = 10 }, experiment.Probe);
        Assert.Equal(
            new RuntimeOptions(true, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(500)), experiment.Runtime);
        Assert.Equal((3, 50, 3, 1, 1), (
            experiment.SnapshotKeep,
            experiment.EvaluateEvery,
            experiment.CrashBudget,
            experiment.ErrorBudget,
            experiment.Threads));
        Assert.Equal("", experiment.AkkaOverrides);
        RunSpecification expected = new()
        {
            Seed = 0,
            Data = new() { Name = "fashion-mnist-small" },
            Model = new()
            {
                Kind = "cnn",
                Hidden = [64],
                Channels = [8, 16],
                Normalization = "none",
                Activation = "relu",
                InitScale = 1,
                Dropout = 0,
            },
            Optimizer = new()
            {
                Kind = "heavy-ball",
                LearningRate = 0.05,
                Momentum = 0.9,
                Beta1 = 0.9,
                Beta2 = 0.999,
                Epsilon = 1e-8,
                WeightDecay = 0,
            },
            Schedule = new() { Kind = "constant", WarmupSteps = 0, FinalFraction = 0 },
            Training = new() { Steps = 300, BatchSize = 64, Loss = "cross-entropy", Threads = 1, SnapshotEvery = 25 },
            Detection = new()
            {
                Rules = ["non-finite", "blow-up", "silent-failure", "stall"],
                BlowUpFactor = 3.5,
                BlowUpPatience = 3,
                SilentFailureAfter = 200,
                SilentFailureChanceFactor = 1.5,
                StallWindow = 0,
                StallAbove = 0.9,
            },
            Recovery = new()
            {
                Enabled = true,
                Budget = 3,
                HealthyAfter = 20,
                Ladder = ["warmup", "clip", "lower-rate"],
                WarmupSteps = 100,
                ClipPercentile = 90,
                SafeFraction = 0.5,
                FallbackFactor = 0.3,
            },
            Curvature = new() { Enabled = true, Examples = 256, BatchSize = 256, Tolerance = 1e-3, MaximumProducts = 60 },
        };
        Assert.Equal(expected, run.Specification);
    }

    [Fact]
    public void The_command_line_wins_over_the_file_and_the_last_word_over_the_first()
    {
        const string File = "curvature { training { steps = 10, batch-size = 8 }, seed = 1 }";
        RunSpecification run = Assert.Single(ExperimentLoader.LoadText(
            File, "x", ["curvature.training.steps=20", "training.steps = 30", "optimizer={ kind = sgd, momentum = 0 }"]).Runs).Specification;
        Assert.Equal((30, 8, 1, "sgd", 0.0), (
            run.Training.Steps, run.Training.BatchSize, run.Seed, run.Optimizer.Kind, run.Optimizer.Momentum));
    }

    [Fact]
    public void Overrides_need_no_quotation_marks_inside_the_shells()
    {
        ExperimentSpecification experiment = ExperimentLoader.LoadText(
            "", "x", ["devices=cpu:1", "state.directory=/tmp/a b, c", "experiment.name=two words", "model.hidden=[32, 16]"]);
        Assert.Equal(["cpu:1"], experiment.Devices!);
        Assert.Equal("/tmp/a b, c", experiment.StateDirectory);
        Assert.Equal("two words", experiment.Name);
        Assert.Equal([32, 16], experiment.Runs[0].Specification.Model.Hidden);
    }

    [Fact]
    public void A_sweep_can_be_given_on_the_command_line()
    {
        Assert.Equal(
            ["steps=1 kind=sgd", "steps=1 kind=adam", "steps=2 kind=sgd", "steps=2 kind=adam"],
            ExperimentLoader.LoadText("curvature.sweep.grid { \"training.steps\" = [1, 2] }", "x", ["sweep.grid.\"optimizer.kind\"=[sgd, adam]"])
                .Runs.Select(run => run.Name));
    }

    [Fact]
    public void A_data_directory_is_made_absolute_and_stays_out_of_the_identity()
    {
        PlannedRun here = Assert.Single(ExperimentLoader.LoadText("curvature.data.directory = .", "x", []).Runs);
        Assert.Equal(Directory.GetCurrentDirectory(), here.Specification.Data.Directory);
        Assert.Equal(Assert.Single(ExperimentLoader.LoadText("", "x", []).Runs).Run, here.Run);
    }

    [Theory]
    [InlineData("studies/wide nets.conf", "wide nets")]
    [InlineData("a:b?.conf", "a-b-")]
    [InlineData(".conf", "experiment")]
    [InlineData("...conf", "experiment")]
    [InlineData(".. .conf", "experiment")]
    [InlineData("/dev/fd/63", "63")]
    [InlineData("run 7. .conf", "run 7")]
    [InlineData("nul.conf", "nul-")]
    [InlineData("Com1.v2.conf", "Com1-v2-")]
    [InlineData("console.conf", "console")]
    public void An_unnamed_experiment_is_called_after_its_file(string file, string name) =>
        Assert.Equal(name, ExperimentLoader.LoadText("", file, []).Name);

    [Fact]
    public void A_file_is_read_as_its_text()
    {
        string path = Path.Combine(Path.GetTempPath(), $"curvature-{Guid.NewGuid():N}.conf");
        try
        {
            File.WriteAllText(path, "\uFEFF# with a byte order mark\r\ncurvature.seed = 7\r\n");
            ExperimentSpecification experiment = ExperimentLoader.Load(path, []);
            Assert.Equal(Path.GetFileNameWithoutExtension(path), experiment.Name);
            Assert.Equal(7, experiment.Runs[0].Specification.Seed);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
