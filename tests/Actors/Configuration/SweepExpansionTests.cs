using CurvatureActors.Actors.Configuration;

namespace CurvatureActors.Actors.Tests.Configuration;

public class SweepExpansionTests
{
    [Fact]
    public void A_grid_is_the_product_of_its_lists_the_first_key_varying_slowest() => Assert.Equal(
        [
            "learning-rate=0.01 warmup-steps=0",
            "learning-rate=0.01 warmup-steps=100",
            "learning-rate=0.1 warmup-steps=0",
            "learning-rate=0.1 warmup-steps=100",
        ],
        Names("grid { \"optimizer.learning-rate\" = [0.01, 0.1], \"schedule.warmup-steps\" = [0, 100] }"));

    [Fact]
    public void The_order_of_a_grid_is_that_of_the_file_not_of_the_alphabet() => Assert.Equal(
        ["warmup-steps=0 learning-rate=0.01", "warmup-steps=0 learning-rate=0.1"],
        Names("grid { \"schedule.warmup-steps\" = [0], \"optimizer.learning-rate\" = [0.01, 0.1] }"));

    [Fact]
    public void Keys_may_be_quoted_nested_or_prefixed() => Assert.Equal(
        ["steps=1 kind=sgd activation=relu seed=3"],
        Names("grid { training { steps = [1] }, optimizer.kind = [sgd], \"curvature.model.activation\" = [relu], seed = [3] }"));

    [Fact]
    public void Seeds_count_up_from_the_seed_as_the_innermost_dimension() => Assert.Equal(
        ["kind=sgd seed=5", "kind=sgd seed=6", "kind=sgd seed=7", "kind=adam seed=5", "kind=adam seed=6", "kind=adam seed=7"],
        Names("grid { \"optimizer.kind\" = [sgd, adam] }, seeds = 3", "seed=5"));

    [Fact]
    public void Explicit_runs_are_taken_as_they_are() => Assert.Equal(
        ["learning-rate=0.3", "steps=10 learning-rate=0.2"],
        Names("runs = [ { \"optimizer.learning-rate\" = 0.3 }, { training.steps = 10, optimizer.learning-rate = 0.2 } ]"));

    [Fact]
    public void Explicit_runs_vary_slower_than_the_grid() => Assert.Equal(
        ["steps=10 kind=sgd", "steps=10 kind=adam", "steps=20 kind=sgd", "steps=20 kind=adam"],
        Names("grid { optimizer.kind = [sgd, adam] }, runs = [ { training.steps = 10 }, { training.steps = 20 } ]"));

    [Fact]
    public void Keys_that_end_alike_keep_their_full_names() => Assert.Equal(
        ["schedule.warmup-steps=1 recovery.warmup-steps=2 steps=9"],
        Names("grid { schedule.warmup-steps = [1], recovery.warmup-steps = [2], training.steps = [9] }"));

    [Fact]
    public void A_value_may_be_a_list() => Assert.Equal(
        ["hidden=[32]", "hidden=[64, 32]", "hidden=[]"],
        Names("grid { model.hidden = [[32], [64, 32], []] }"));

    [Fact]
    public void Parameters_hold_the_whole_keys_and_reach_the_specification()
    {
        PlannedRun run = Load("grid { optimizer.learning-rate = [0.5], training.clip-norm = [off, 2] }").Runs[1];
        Assert.Equal(
            [KeyValuePair.Create("optimizer.learning-rate", "0.5"), KeyValuePair.Create("training.clip-norm", "2")],
            run.Parameters);
        Assert.Equal(0.5, run.Specification.Optimizer.LearningRate);
        Assert.Equal(2, run.Specification.Training.ClipNorm);
        Assert.Equal(run.Specification.Identity(), run.Run);
    }

    [Fact]
    public void Points_that_say_the_same_are_one_run_the_first() => Assert.Equal(
        ["learning-rate=0.1", "learning-rate=0.2"],
        Names("grid { optimizer.learning-rate = [0.1, 1e-1, 0.2, 0.10] }"));

    [Fact]
    public void Random_draws_are_the_same_for_ever()
    {
        const string Sweep =
            "samples = 4, random { optimizer.kind = [sgd, adam, adamw] }, log-uniform { optimizer.learning-rate = [0.001, 1] }";

        // From a second implementation of FNV-1a and SplitMix64, in Python.
        Assert.Equal(
            [
                "kind=adamw learning-rate=0.07609",
                "kind=sgd learning-rate=0.002795",
                "kind=adamw learning-rate=0.003061",
                "kind=adamw learning-rate=0.1273",
            ],
            Names(Sweep));
        Assert.Equal(Names(Sweep), Names(Sweep));
        Assert.NotEqual(Names(Sweep), Names(Sweep, "seed=1"));
    }

    [Fact]
    public void A_key_added_to_a_random_sweep_leaves_the_draws_of_the_others()
    {
        const string One = "samples = 20, log-uniform { optimizer.learning-rate = [0.001, 1] }";
        const string Two = "samples = 20, log-uniform { optimizer.weight-decay = [1e-5, 1e-2], optimizer.learning-rate = [0.001, 1] }";
        Assert.Equal(
            Load(One).Runs.Select(run => run.Specification.Optimizer.LearningRate),
            Load(Two).Runs.Select(run => run.Specification.Optimizer.LearningRate));
    }

    [Fact]
    public void Log_uniform_draws_stay_between_their_bounds_and_spread_over_the_decades()
    {
        double[] rates = [.. Load("samples = 3000, log-uniform { optimizer.learning-rate = [0.001, 1] }")
            .Runs.Select(run => run.Specification.Optimizer.LearningRate)];
        Assert.All(rates, rate => Assert.InRange(rate, 0.001, 1));
        foreach (double decade in (double[])[0.001, 0.01, 0.1])
        {
            // A third each; draws that agree to 4 digits have collapsed, hence the width.
            Assert.InRange(rates.Count(rate => rate >= decade && rate < decade * 10) / (double)rates.Length, 0.29, 0.38);
        }
    }

    [Fact]
    public void Log_uniform_draws_of_a_whole_number_are_whole() => Assert.All(
        Load("log-uniform { schedule.warmup-steps = [10, 300] }").Runs,
        run => Assert.InRange(run.Specification.Schedule.WarmupSteps, 10, 300));

    private static ExperimentSpecification Load(string sweep, params string[] sets) =>
        ExperimentLoader.LoadText($"curvature.sweep {{ {sweep} }}", "x", sets);

    private static IEnumerable<string> Names(string sweep, params string[] sets) => Load(sweep, sets).Runs.Select(run => run.Name);
}
