using System.Text.Json;
using Akka.Configuration;
using CurvatureActors.Actors.Configuration;

namespace CurvatureActors.Actors.Tests.Configuration;

public class ReferenceConfigurationTests
{
    // Another valid value for every key, and what else must be set for it to show.
    private static readonly Dictionary<string, (string Value, string[] Given)> Others = new()
    {
        ["experiment.name"] = ("other", []),
        ["seed"] = ("1", []),
        ["state.directory"] = ("/tmp/state", []),
        ["devices"] = ("[cpu, \"cpu:1\"]", []),
        ["data.name"] = ("cifar-10", ["data.directory=."]),
        ["data.directory"] = (".", []),
        ["data.train-examples"] = ("1000", []),
        ["data.test-examples"] = ("100", []),
        ["model.kind"] = ("mlp", []),
        ["model.hidden"] = ("[32, 32]", []),
        ["model.channels"] = ("[4]", []),
        ["model.normalization"] = ("layer", []),
        ["model.activation"] = ("tanh", []),
        ["model.init-scale"] = ("2", []),
        ["model.dropout"] = ("0.5", []),
        ["init.kind"] = ("xavier", []),
        ["init.phase"] = ("gradinit", []),
        ["init.scales.convolution"] = ("2", []),
        ["init.scales.linear"] = ("2", []),
        ["init.scales.embedding"] = ("2", []),
        ["init.scales.classifier"] = ("2", []),
        ["init.metainit.steps"] = ("100", ["init.phase=metainit"]),
        ["init.metainit.rate"] = ("0.05", ["init.phase=metainit"]),
        ["init.metainit.momentum"] = ("0.8", ["init.phase=metainit"]),
        ["init.metainit.batch-size"] = ("16", ["init.phase=metainit"]),
        ["init.metainit.epsilon"] = ("1e-4", ["init.phase=metainit"]),
        ["init.gradinit.steps"] = ("100", ["init.phase=gradinit"]),
        ["init.gradinit.rate"] = ("0.05", ["init.phase=gradinit"]),
        ["init.gradinit.step-size"] = ("0.05", ["init.phase=gradinit"]),
        ["init.gradinit.max-gradient-norm"] = ("2", ["init.phase=gradinit"]),
        ["init.gradinit.batch-size"] = ("16", ["init.phase=gradinit"]),
        ["init.gradinit.min-scale"] = ("0.1", ["init.phase=gradinit"]),
        ["init.gradinit.clip-norm"] = ("2", ["init.phase=gradinit"]),
        ["optimizer.kind"] = ("adam", []),
        ["optimizer.learning-rate"] = ("0.1", []),
        ["optimizer.momentum"] = ("0", []),
        ["optimizer.beta1"] = ("0.8", []),
        ["optimizer.beta2"] = ("0.99", []),
        ["optimizer.epsilon"] = ("1e-6", []),
        ["optimizer.weight-decay"] = ("1e-4", []),
        ["optimizer.second-moment-init"] = ("gradient", ["optimizer.kind=adam"]),
        ["schedule.kind"] = ("cosine", []),
        ["schedule.warmup-steps"] = ("10", []),
        ["schedule.final-fraction"] = ("0.1", []),
        ["schedule.warmup-from"] = ("critical", ["schedule.warmup-steps=10"]),
        ["training.steps"] = ("10", []),
        ["training.batch-size"] = ("32", []),
        ["training.loss"] = ("mse", []),
        ["training.clip-norm"] = ("1", []),
        ["training.threads"] = ("2", []),
        ["training.evaluate-every"] = ("5", []),
        ["snapshot.every"] = ("5", []),
        ["snapshot.keep"] = ("5", []),
        ["probe.enabled"] = ("off", []),
        ["probe.examples"] = ("128", []),
        ["probe.batch-size"] = ("64", []),
        ["probe.tolerance"] = ("1e-4", []),
        ["probe.max-products"] = ("30", []),
        ["probe.dense-steps"] = ("0", []),
        ["probe.every"] = ("1", []),
        ["probe.policy"] = ("queue", []),
        ["probe.workers"] = ("2", []),
        ["detection.rules"] = ("[non-finite]", []),
        ["detection.blow-up.factor"] = ("4", []),
        ["detection.blow-up.patience"] = ("4", []),
        ["detection.silent-failure.after"] = ("50", []),
        ["detection.silent-failure.chance-factor"] = ("1.2", []),
        ["detection.stall.window"] = ("100", []),
        ["detection.stall.above"] = ("0.8", []),
        ["recovery.enabled"] = ("off", []),
        ["recovery.budget"] = ("1", []),
        ["recovery.healthy-after"] = ("5", []),
        ["recovery.ladder"] = ("[lower-rate]", []),
        ["recovery.warmup-steps"] = ("50", []),
        ["recovery.clip-percentile"] = ("80", []),
        ["recovery.safe-fraction"] = ("0.8", []),
        ["recovery.fallback-factor"] = ("0.1", []),
        ["recovery.infrastructure-restarts"] = ("3", []),
        ["recovery.error-budget"] = ("0", []),
        ["runtime.tune-allocator"] = ("off", []),
        ["runtime.slice"] = ("20", []),
        ["runtime.telemetry-flush"] = ("100", []),
        ["sweep.grid"] = ("{ seed = [1, 2] }", []),
        ["sweep.random"] = ("{ seed = [1, 2] }", []),
        ["sweep.log-uniform"] = ("{ \"optimizer.learning-rate\" = [0.01, 0.1] }", []),
        ["sweep.runs"] = ("[{ seed = 1 }]", []),
        ["sweep.seeds"] = ("2", []),
        ["sweep.samples"] = ("3", ["sweep.log-uniform={ \"optimizer.learning-rate\" = [0.01, 0.1] }"]),
    };

    public static TheoryData<string> Keys => [.. ReferenceConfiguration.Keys];

    [Fact]
    public void The_table_of_this_test_has_every_key_of_the_page() =>
        Assert.Equal(ReferenceConfiguration.Keys, Others.Keys);

    [Theory]
    [MemberData(nameof(Keys))]
    public void Every_key_changes_something_and_a_runs_identity_exactly_if_it_is_marked_so(string key)
    {
        (string value, string[] given) = Others[key];
        ExperimentSpecification before = ExperimentLoader.LoadText("", "x", given);
        ExperimentSpecification fromFile = ExperimentLoader.LoadText($"curvature.{key} = {Hocon(value)}", "x", given);
        ExperimentSpecification fromSet = ExperimentLoader.LoadText("", "x", [.. given, $"curvature.{key}={value}"]);
        Assert.NotEqual(Everything(before), Everything(fromFile));
        Assert.Equal(Everything(fromFile), Everything(fromSet));
        if (!key.StartsWith("sweep.", StringComparison.Ordinal))
        {
            Assert.Equal(Comment(key).StartsWith("# (id)", StringComparison.Ordinal), before.Runs[0].Run != fromFile.Runs[0].Run);
        }
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Every_key_has_its_meaning_in_a_comment_directly_above(string key) =>
        Assert.Matches(@"^# (\(id\) )?\S.{10,}", Comment(key));

    [Fact]
    public void The_page_itself_is_a_valid_file_that_changes_nothing() => Assert.Equal(
        Everything(ExperimentLoader.LoadText("", "x", [])),
        Everything(ExperimentLoader.LoadText(ReferenceConfiguration.Text, "x", [])));

    [Fact]
    public void Akka_reads_the_page_as_we_do()
    {
        Config akka = ConfigurationFactory.ParseString(ReferenceConfiguration.Text);
        Assert.Equal(300, akka.GetInt("curvature.training.steps"));
        Assert.Equal(1e-8, akka.GetDouble("curvature.optimizer.epsilon"));
        Assert.Equal(["warmup", "clip", "lower-rate"], akka.GetStringList("curvature.recovery.ladder"));
        Assert.Equal(
            ReferenceConfiguration.Keys.Select(key => $"curvature.{key}").Order(),
            akka.AsEnumerable().SelectMany(member => Leaves(member.Key, member.Value)).Order());
    }

    // Value as a file needs it; the command line takes a path without quotation marks.
    private static string Hocon(string value) => value[0] is '[' or '{' ? value : $"\"{value}\"";

    private static string Everything(ExperimentSpecification experiment) => JsonSerializer.Serialize(experiment);

    private static IEnumerable<string> Leaves(string path, Akka.Configuration.Hocon.HoconValue value) =>
        value.IsObject() && value.GetObject().Items.Count > 0
            ? value.GetObject().Items.SelectMany(item => Leaves($"{path}.{item.Key}", item.Value))
            : [path];

    // The comment above a key, which starts where the key before it or its section ends.
    private static string Comment(string key)
    {
        List<string> path = [];
        List<string> comment = [];
        foreach (string line in ReferenceConfiguration.Text.Split('\n').Select(line => line.Trim()))
        {
            string name = line.Split(' ')[0];
            if (line.StartsWith('#'))
            {
                comment.Add(line);
                continue;
            }

            if (line.EndsWith(" {", StringComparison.Ordinal))
            {
                path.Add(name);
            }
            else if (line == "}")
            {
                path.RemoveAt(path.Count - 1);
            }
            else if (string.Join('.', [.. path, name]) == $"curvature.{key}")
            {
                return string.Join('\n', comment);
            }

            comment.Clear();
        }

        throw new InvalidOperationException($"{key} is not on the page.");
    }
}
