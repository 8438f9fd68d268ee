using System.Text.Json;
using Akka.Configuration;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Training.Curvature.Kinds;

namespace CurvatureActors.Actors.Tests.Configuration;

public class ReferenceConfigurationTests
{
    // Another valid value for every key, and what else must be set for it to show.
    private static readonly Dictionary<string, (string Value, string[] Given)> Others = new()
    {
        ["experiment.name"] = ("other", []),
        ["experiment.study"] = ("edge", []),
        ["seed"] = ("1", []),
        ["state.directory"] = ("/tmp/state", []),
        ["devices"] = ("[cpu, \"cpu:1\"]", []),
        ["data.name"] = ("cifar-10", ["data.directory=."]),
        ["data.directory"] = (".", []),
        ["data.classes"] = ("26", ["data.name=idx", "data.directory=."]),
        ["data.train-examples"] = ("1000", []),
        ["data.test-examples"] = ("100", []),
        ["data.sequence-length"] = ("32", ["model.kind=lstm", "data.name=paradise-lost"]),
        ["data.dimension"] = ("2", ["model.kind=quadratic", "data.name=synthetic", "training.loss=output"]),
        ["data.noise"] = ("0.5", ["model.kind=quadratic", "data.name=synthetic", "training.loss=output"]),
        ["model.kind"] = ("mlp", []),
        ["model.assembly"] = ("a.dll", ["model.kind=external"]),
        ["model.type"] = ("Other.Model", ["model.kind=external"]),
        ["model.hidden"] = ("[32, 32]", []),
        ["model.channels"] = ("[4]", []),
        ["model.normalization"] = ("layer", []),
        ["model.activation"] = ("tanh", []),
        ["model.init-scale"] = ("2", []),
        ["model.dropout"] = ("0.5", []),
        ["model.wide-resnet.depth"] = ("10", ["model.kind=wide-resnet"]),
        ["model.wide-resnet.width-factor"] = ("1", ["model.kind=wide-resnet"]),
        ["model.wide-resnet.base-channels"] = ("8", ["model.kind=wide-resnet"]),
        ["model.wide-resnet.strides"] = ("[1, 2, 1]", ["model.kind=wide-resnet"]),
        ["model.wide-resnet.residual-scale"] = ("0.5", ["model.kind=wide-resnet"]),
        ["model.wide-resnet.extra-norm"] = ("batch", ["model.kind=wide-resnet"]),
        ["model.wide-resnet.pool"] = ("7", ["model.kind=wide-resnet"]),
        ["model.deep-cnn.depth"] = ("6", ["model.kind=deep-cnn"]),
        ["model.deep-cnn.width"] = ("8", ["model.kind=deep-cnn"]),
        ["model.densenet.growth-rate"] = ("4", ["model.kind=densenet"]),
        ["model.densenet.block-layers"] = ("2", ["model.kind=densenet"]),
        ["model.transformer.patch-size"] = ("7", ["model.kind=transformer"]),
        ["model.transformer.width"] = ("32", ["model.kind=transformer"]),
        ["model.transformer.heads"] = ("2", ["model.kind=transformer"]),
        ["model.transformer.depth"] = ("3", ["model.kind=transformer"]),
        ["model.transformer.mlp-ratio"] = ("2", ["model.kind=transformer"]),
        ["model.transformer.normalization-position"] = ("post", ["model.kind=transformer"]),
        ["model.transformer.residual-scale"] = ("0.5", ["model.kind=transformer"]),
        ["model.lstm.depth"] = ("2", ["model.kind=lstm", "data.name=paradise-lost"]),
        ["model.lstm.width"] = ("32", ["model.kind=lstm", "data.name=paradise-lost"]),
        ["model.lstm.normalization-position"] = ("post", ["model.kind=lstm", "data.name=paradise-lost"]),
        ["model.quadratic.spectrum"] = ("[2.5]", ["model.kind=quadratic", "data.name=synthetic", "training.loss=output"]),
        ["model.quadratic.lambda1"] = ("2", ["model.kind=quadratic", "data.name=synthetic", "training.loss=output"]),
        ["model.quadratic.exponent"] = ("2", ["model.kind=quadratic", "data.name=synthetic", "training.loss=output"]),
        ["model.uv.target"] = ("2", ["model.kind=uv", "data.name=synthetic", "training.loss=output"]),
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
        ["schedule.warmup-from"] = ("critical", ["schedule.warmup-steps=10"]),
        ["schedule.final-fraction"] = ("0.1", []),
        ["schedule.max-stability-ratio"] = ("0.9", []),
        ["schedule.curvature-lag"] = ("3", ["schedule.max-stability-ratio=0.9"]),
        ["training.steps"] = ("10", []),
        ["training.batch-size"] = ("32", []),
        ["training.loss"] = ("mse", []),
        ["training.clip-norm"] = ("1", []),
        ["training.threads"] = ("2", []),
        ["training.evaluate-every"] = ("5", []),
        ["snapshot.every"] = ("5", []),
        ["snapshot.keep"] = ("5", []),
        ["snapshot.disk-budget"] = ("500", []),
        ["snapshot.when-unwritable"] = ("continue", []),
        ["probe.enabled"] = ("off", []),
        ["probe.examples"] = ("128", []),
        ["probe.batch-size"] = ("64", []),
        ["probe.graph-memory"] = ("2GiB", []),
        ["probe.tolerance"] = ("1e-4", []),
        ["probe.max-products"] = ("30", []),
        ["probe.dense-steps"] = ("0", []),
        ["probe.spacing"] = ("logarithmic", []),
        ["probe.every"] = ("1", []),
        ["probe.per-decade"] = ("5", []),
        ["probe.policy"] = ("queue", []),
        ["probe.workers"] = ("2", []),
        ["probe.kinds.top.enabled"] = ("on", []),
        ["probe.kinds.top.dense-steps"] = ("3", ["probe.kinds.top.enabled=on"]),
        ["probe.kinds.top.spacing"] = ("logarithmic", ["probe.kinds.top.enabled=on"]),
        ["probe.kinds.top.every"] = ("7", ["probe.kinds.top.enabled=on"]),
        ["probe.kinds.top.per-decade"] = ("4", ["probe.kinds.top.enabled=on"]),
        ["probe.kinds.top.count"] = ("9", ["probe.kinds.top.enabled=on"]),
        ["probe.kinds.trace.enabled"] = ("on", []),
        ["probe.kinds.trace.dense-steps"] = ("3", ["probe.kinds.trace.enabled=on"]),
        ["probe.kinds.trace.spacing"] = ("logarithmic", ["probe.kinds.trace.enabled=on"]),
        ["probe.kinds.trace.every"] = ("7", ["probe.kinds.trace.enabled=on"]),
        ["probe.kinds.trace.per-decade"] = ("4", ["probe.kinds.trace.enabled=on"]),
        ["probe.kinds.trace.products"] = ("9", ["probe.kinds.trace.enabled=on"]),
        ["probe.kinds.density.enabled"] = ("on", []),
        ["probe.kinds.density.dense-steps"] = ("3", ["probe.kinds.density.enabled=on"]),
        ["probe.kinds.density.spacing"] = ("logarithmic", ["probe.kinds.density.enabled=on"]),
        ["probe.kinds.density.every"] = ("7", ["probe.kinds.density.enabled=on"]),
        ["probe.kinds.density.per-decade"] = ("4", ["probe.kinds.density.enabled=on"]),
        ["probe.kinds.density.probes"] = ("9", ["probe.kinds.density.enabled=on"]),
        ["probe.kinds.density.steps"] = ("9", ["probe.kinds.density.enabled=on"]),
        ["probe.kinds.layers.enabled"] = ("on", []),
        ["probe.kinds.layers.dense-steps"] = ("3", ["probe.kinds.layers.enabled=on"]),
        ["probe.kinds.layers.spacing"] = ("logarithmic", ["probe.kinds.layers.enabled=on"]),
        ["probe.kinds.layers.every"] = ("7", ["probe.kinds.layers.enabled=on"]),
        ["probe.kinds.layers.per-decade"] = ("4", ["probe.kinds.layers.enabled=on"]),
        ["probe.kinds.critical-sharpness.enabled"] = ("on", []),
        ["probe.kinds.critical-sharpness.dense-steps"] = ("3", ["probe.kinds.critical-sharpness.enabled=on"]),
        ["probe.kinds.critical-sharpness.spacing"] = ("logarithmic", ["probe.kinds.critical-sharpness.enabled=on"]),
        ["probe.kinds.critical-sharpness.every"] = ("7", ["probe.kinds.critical-sharpness.enabled=on"]),
        ["probe.kinds.critical-sharpness.per-decade"] = ("4", ["probe.kinds.critical-sharpness.enabled=on"]),
        ["probe.kinds.batch-sharpness.enabled"] = ("on", []),
        ["probe.kinds.batch-sharpness.dense-steps"] = ("3", ["probe.kinds.batch-sharpness.enabled=on"]),
        ["probe.kinds.batch-sharpness.spacing"] = ("logarithmic", ["probe.kinds.batch-sharpness.enabled=on"]),
        ["probe.kinds.batch-sharpness.every"] = ("7", ["probe.kinds.batch-sharpness.enabled=on"]),
        ["probe.kinds.batch-sharpness.per-decade"] = ("4", ["probe.kinds.batch-sharpness.enabled=on"]),
        ["probe.kinds.batch-sharpness.batches"] = ("9", ["probe.kinds.batch-sharpness.enabled=on"]),
        ["probe.kinds.directional.enabled"] = ("on", []),
        ["probe.kinds.directional.dense-steps"] = ("3", ["probe.kinds.directional.enabled=on"]),
        ["probe.kinds.directional.spacing"] = ("logarithmic", ["probe.kinds.directional.enabled=on"]),
        ["probe.kinds.directional.every"] = ("7", ["probe.kinds.directional.enabled=on"]),
        ["probe.kinds.directional.per-decade"] = ("4", ["probe.kinds.directional.enabled=on"]),
        ["probe.kinds.directional.count"] = ("9", ["probe.kinds.directional.enabled=on"]),
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
        ["recovery.crash-budget"] = ("7", []),
        ["recovery.error-budget"] = ("0", []),
        ["runtime.tune-allocator"] = ("off", []),
        ["runtime.slice"] = ("20", []),
        ["runtime.hang-after"] = ("5", []),
        ["runtime.measurement-hang-after"] = ("5", []),
        ["runtime.worker-grace"] = ("9", []),
        ["runtime.storage-patience"] = ("9", []),
        ["runtime.audit"] = ("/tmp/audit.log", []),
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
    public void Every_kind_of_measurement_has_its_section_with_its_settings_and_no_other() => Assert.Equal(
        MeasurementKinds.All.Names.SelectMany(kind => MeasurementKinds.All[kind].Settings
            .Select(setting => setting.Name)
            .Concat(["enabled", "dense-steps", "spacing", "every", "per-decade"])
            .Select(setting => $"probe.kinds.{kind}.{setting}")).Order(),
        ReferenceConfiguration.Keys.Where(key => key.StartsWith("probe.kinds.", StringComparison.Ordinal)).Order());

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
