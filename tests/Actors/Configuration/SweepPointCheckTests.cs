using CurvatureActors.Actors.Configuration;

namespace CurvatureActors.Actors.Tests.Configuration;

/// <summary>Names and varied keys against specifications: as configurations make them, and with one of them changed.</summary>
public sealed class SweepPointCheckTests
{
    private const string Text =
        """
        curvature {
          experiment.name = study
          model { kind = cnn, channels = [4] }
          sweep {
            grid {
              "optimizer.learning-rate" = [0.1, 0.2]
              "model.init-scale" = [1.0, 2]
              "recovery.ladder" = [[warmup], [clip, lower-rate]]
              "probe.batch-size" = [16, 32]
              "training.batch-size" = [32]
              "snapshot.every" = [10, 2e1]
            }
            seeds = 2
          }
        }
        """;

    private static readonly ExperimentSpecification Experiment = ExperimentLoader.LoadText(Text, "study.conf", []);

    [Theory]
    [InlineData(Text)]
    [InlineData("curvature { experiment.name = study }")]
    [InlineData("curvature { experiment.name = study, sweep { log-uniform { \"optimizer.learning-rate\" = [1e-4, 1], \"training.steps\" = [10, 1000] }, samples = 20 } }")]
    [InlineData("curvature { experiment.name = study, sweep.grid { \"model.normalization\" = [none, batch], \"schedule.warmup-steps\" = [0, 5], \"detection.blow-up.factor\" = [3, 4] }, model.kind = cnn }")]
    [InlineData("curvature { experiment.name = study, sweep.runs = [{ \"optimizer.kind\" = adam, \"optimizer.second-moment-init\" = gradient }, { \"optimizer.momentum\" = 0.5 }] }")]
    [InlineData("curvature { experiment.name = study, data { name = synthetic, dimension = 2, train-examples = 40, test-examples = 4 }, model.kind = quadratic, training { loss = output, batch-size = 4 }, probe.examples = 8, sweep.grid { \"data.noise\" = [0, 0.5], \"data.train-examples\" = [40, all] } }")]
    public void Given_what_a_configuration_makes_then_everything_fits(string text)
    {
        ExperimentSpecification experiment = ExperimentLoader.LoadText(text, "study.conf", []);
        var check = new SweepPointCheck(experiment.Name, experiment.Runs);
        Assert.All(experiment.Runs, run => Assert.Null(check.Misfit(run)));
    }

    [Theory]
    [InlineData("optimizer.learning-rate", "0.2", "learning-rate=0.1", "learning-rate=0.2")]
    [InlineData("optimizer.learning-rate", "0.10001", "learning-rate=0.1", "learning-rate=0.10001")]
    [InlineData("optimizer.learning-rate", "fast", "learning-rate=0.1", "learning-rate=fast")]
    [InlineData("model.init-scale", "2", "init-scale=1.0", "init-scale=2")]
    [InlineData("recovery.ladder", "[clip]", "ladder=[warmup]", "ladder=[clip]")]
    [InlineData("probe.batch-size", "32", "probe.batch-size=16", "probe.batch-size=32")]
    [InlineData("snapshot.every", "20", "every=10", "every=20")]
    [InlineData("seed", "1", "seed=0", "seed=1")]
    [InlineData("training.batch-size", "64", " training.batch-size=32", " training.batch-size=64")]
    public void Given_a_varied_key_that_was_changed_in_both_places_then_it_is_named_with_both_values(
        string key, string value, string named, string instead)
    {
        PlannedRun run = Experiment.Runs[0];
        Assert.Contains(named, run.Name, StringComparison.Ordinal);
        var parameters = new OrderedDictionary<string, string>(run.Parameters) { [key] = value };
        PlannedRun forged = run with { Parameters = parameters, Name = run.Name.Replace(named, instead, StringComparison.Ordinal) };

        string? misfit = Misfit(forged);

        Assert.Contains($"{key} = {value}", misfit, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_name_or_a_key_alone_that_was_changed_then_it_is_said()
    {
        PlannedRun run = Experiment.Runs[0];
        Assert.Contains("is called", Misfit(run with { Name = run.Name + " " }), StringComparison.Ordinal);
        Assert.Contains("is called", Misfit(run with { Name = run.Name.Replace("0.1", "0.2", StringComparison.Ordinal) }), StringComparison.Ordinal);
        Assert.Contains("is called", Misfit(run with { Name = Experiment.Runs[^1].Name }), StringComparison.Ordinal);
        Assert.Contains("is called", Misfit(run with { Parameters = new Dictionary<string, string>() }), StringComparison.Ordinal);
        Assert.Contains("is called", Misfit(run with { Parameters = Experiment.Runs[^1].Parameters }), StringComparison.Ordinal);
        Assert.NotNull(Misfit(run with { Specification = Experiment.Runs[^1].Specification }));
    }

    /// <summary>Runs that an earlier version accepted go on with its kernels.</summary>
    [Fact]
    public void Given_a_run_of_an_earlier_version_then_it_fits()
    {
        ExperimentSpecification experiment = ExperimentLoader.LoadText(
            "curvature { experiment.name = study, model.kind = cnn, sweep.grid { \"model.normalization\" = [none, layer] } }", "study.conf", []);
        PlannedRun run = experiment.Runs[^1];
        PlannedRun earlier = run with { Specification = run.Specification with { Model = run.Specification.Model with { FusedNormalization = false } } };
        Assert.NotEqual(run.Specification, earlier.Specification);

        Assert.Null(new SweepPointCheck(experiment.Name, [experiment.Runs[0], earlier]).Misfit(earlier));
    }

    private static string? Misfit(PlannedRun forged) =>
        new SweepPointCheck(Experiment.Name, [.. Experiment.Runs.Skip(1), forged]).Misfit(forged);
}
