using System.Diagnostics.CodeAnalysis;
using CurvatureActors.Actors.Configuration;

namespace CurvatureActors.Actors.Tests.Configuration;

public class ConfigurationErrorTests
{
    [Theory]
    [InlineData("curvature {", "bad.conf, line 1, column 11: \"{\" is never closed.")]
    [InlineData("curvature {\n  training {\n    steps = 3\n}\n", "bad.conf, line 1, column 11: \"{\" is never closed.")]
    [InlineData("curvature { seed = 1 } }", "bad.conf, line 1, column 24: a new line or a comma is expected, not \"}\".")]
    [InlineData("curvature { seed = 1 }\nstray", "bad.conf, line 2, column 1: \"stray\" has no value.")]
    [InlineData("curvature { seed = 1 } stray", "bad.conf, line 1, column 24: a new line or a comma is expected, not \"s\".")]
    [InlineData("curvature { seed = }", "bad.conf, line 1, column 20: a value is expected, not \"}\".")]
    [InlineData("curvature { seed = \n 1 }", "bad.conf, line 1, column 20: a value is expected, not the end of the line.")]
    [InlineData("curvature { seed 1 }", "bad.conf, line 1, column 13: \"seed\" has no value.")]
    [InlineData("curvature { model.hidden = [1, 2 }", "bad.conf, line 1, column 34: a comma or \"]\" is expected, not \"}\".")]
    [InlineData("curvature { model.hidden = [1, 2", "bad.conf, line 1, column 28: \"[\" is never closed.")]
    [InlineData("curvature { model.hidden = [1,, 2] }", "bad.conf, line 1, column 31: a value is expected, not \",\".")]
    [InlineData("curvature { seed = 1, , }", "bad.conf, line 1, column 23: a key is expected, not \",\".")]
    [InlineData("curvature { seed = 1 data.name = x }", "bad.conf, line 1, column 32: \"=\" cannot stand in an unquoted value; quote the whole value.")]
    [InlineData("curvature { data.name = \"idx }", "bad.conf, line 1, column 25: a quoted text is not closed on its line.")]
    [InlineData("curvature { data.name = \"\"\"idx }", "bad.conf, line 1, column 25: a quoted text is never closed.")]
    [InlineData("curvature { data.name = \"a\\qb\" }", "bad.conf, line 1, column 27: an unknown escape; allowed are \\\" \\\\ \\/ \\n \\t \\r \\b \\f and \\uXXXX.")]
    [InlineData("curvature { data.directory = http://x }", "bad.conf, line 1, column 34: \":\" cannot stand in an unquoted value; quote the whole value.")]
    [InlineData("curvature { seed = ${other} }", "bad.conf, line 1, column 20: substitutions (\"${...}\") are not supported; write the value out or use --set.")]
    [InlineData("include \"base.conf\"", "bad.conf, line 1, column 1: \"include\" is not supported; write the settings into the file.")]
    [InlineData("curvature { model.hidden += 3 }", "bad.conf, line 1, column 26: \"+=\" is not supported; write the whole list.")]
    [InlineData("[1, 2]", "bad.conf, line 1, column 1: a key is expected, not \"[\".")]
    [InlineData("curvature { a..b = 1 }", "bad.conf, line 1, column 15: a key is expected, not \".\".")]
    [InlineData("\u0001", "bad.conf, line 1, column 1: a key is expected, not the character U+0001.")]
    public void A_broken_file_is_named_with_the_place(string text, string message) => Fails(message, text);

    [Fact]
    public void Nesting_has_an_end() => Fails(
        "bad.conf, line 1, column 44: more than 32 levels.", $"curvature ={new string('[', 100_000)}");

    [Theory]
    [InlineData("curvature { optimiser { learning-rate = 1 } }", "There is no key curvature.optimiser.learning-rate; did you mean curvature.optimizer.learning-rate?")]
    [InlineData("curvature { training { batchsize = 1 } }", "There is no key curvature.training.batchsize; did you mean curvature.training.batch-size?")]
    [InlineData("curvature { training { learning-rate = 1 } }", "There is no key curvature.training.learning-rate; did you mean curvature.optimizer.learning-rate?")]
    [InlineData("curvature { learning-rate = 1 }", "There is no key curvature.learning-rate; did you mean curvature.optimizer.learning-rate?")]
    [InlineData("curvature { trainig {} }", "There is no key curvature.trainig; did you mean curvature.training?")]
    [InlineData("curvature { probe { kinds { trase { enabled = on } } } }", "There is no key curvature.probe.kinds.trase.enabled; did you mean curvature.probe.kinds.trace.enabled?")]
    [InlineData("curvature { sed = 1 }", "There is no key curvature.sed; did you mean curvature.seed?")]
    [InlineData("curvature { seed { value = 1 } }", "curvature.seed is { \"value\" = 1 }; a whole number is expected.")]
    [InlineData("curvature { training = 1 }", "curvature.training is 1; a section is expected, its keys in braces.")]
    [InlineData("curvature = 1", "curvature is 1; a section is expected, its keys in braces.")]
    [InlineData("akka = 1", "akka is 1; a section is expected.")]
    [InlineData("curvatur { seed = 1 }", "bad.conf has the section curvatur; allowed are curvature and akka.")]
    [InlineData("training { steps = 1 }", "bad.conf has the section training; allowed are curvature and akka.")]
    public void An_unknown_key_is_named_with_the_nearest_valid_one(string text, string message) => Fails(message, text);

    [Theory]
    [InlineData("training.batch-size = many", "curvature.training.batch-size is \"many\"; a whole number is expected.")]
    [InlineData("training.batch-size = 1.5", "curvature.training.batch-size is 1.5; a whole number is expected.")]
    [InlineData("training.batch-size = 1 2", "curvature.training.batch-size is \"1 2\"; a whole number is expected.")]
    [InlineData("training.batch-size = null", "curvature.training.batch-size is \"null\"; a whole number is expected.")]
    [InlineData("training.batch-size = [64]", "curvature.training.batch-size is [64]; a whole number is expected.")]
    [InlineData("data.train-examples = some", "curvature.data.train-examples is \"some\"; a whole number or all is expected.")]
    [InlineData("schedule.max-stability-ratio = on", "curvature.schedule.max-stability-ratio is \"on\"; a number or off is expected.")]
    [InlineData("training.clip-norm = never", "curvature.training.clip-norm is \"never\"; a number or off is expected.")]
    [InlineData("optimizer.learning-rate = fast", "curvature.optimizer.learning-rate is \"fast\"; a number is expected.")]
    [InlineData("probe.enabled = maybe", "curvature.probe.enabled is \"maybe\"; on or off is expected.")]
    [InlineData("probe.kinds.batch-sharpness.enabled = 1", "curvature.probe.kinds.batch-sharpness.enabled is 1; on or off is expected.")]
    [InlineData("probe.kinds.density.steps = many", "curvature.probe.kinds.density.steps is \"many\"; a whole number is expected.")]
    [InlineData("probe.kinds.trace = on", "curvature.probe.kinds.trace is \"on\"; a section is expected, its keys in braces.")]
    [InlineData("model.hidden = 64", "curvature.model.hidden is 64; a list of whole numbers is expected.")]
    [InlineData("model.hidden = [64, wide]", "curvature.model.hidden is \"wide\"; a whole number is expected.")]
    [InlineData("detection.rules = stall", "curvature.detection.rules is \"stall\"; a list of names is expected.")]
    [InlineData("devices = gpu", "curvature.devices is \"gpu\"; auto or a list such as [cpu, \"cpu:1\", \"cuda:0\"] is expected.")]
    [InlineData("devices = []", "curvature.devices is []; auto or a list such as [cpu, \"cpu:1\", \"cuda:0\"] is expected.")]
    [InlineData("devices = [cpu, \"cpu:0\"]", "curvature.devices is [cpu, \"cpu:0\"]; a list that names each device once is expected.")]
    [InlineData("state.directory = \"\"", "curvature.state.directory is \"\"; a folder is expected.")]
    [InlineData("sweep.grid = 3", "curvature.sweep.grid is 3; a section of keys and their values is expected.")]
    [InlineData("sweep.runs = [3]", "curvature.sweep.runs is 3; a section such as { \"optimizer.learning-rate\" = 0.3 } is expected.")]
    public void A_wrong_type_is_named_with_the_right_one(string setting, string message) => Fails(message, $"curvature.{setting}");

    [Theory]
    [InlineData("training.batch-size = -64", "curvature.training.batch-size is -64; allowed is a whole number of at least 1.")]
    [InlineData("probe.per-decade = 0", "curvature.probe.per-decade is 0; allowed is a whole number of at least 1.")]
    [InlineData("probe.kinds.trace.products = 5", "curvature.probe.kinds.trace.products is 5; allowed is a whole number of at least 6.")]
    [InlineData("probe.kinds.top.count = 1", "curvature.probe.kinds.top.count is 1; allowed is a whole number of at least 2.")]
    [InlineData("probe.kinds.layers.every = 0", "curvature.probe.kinds.layers.every is 0; allowed is a whole number of at least 1.")]
    [InlineData("probe.kinds.directional.dense-steps = -1", "curvature.probe.kinds.directional.dense-steps is -1; allowed is a whole number of at least 0.")]
    [InlineData("training.steps = 0", "curvature.training.steps is 0; allowed is a whole number of at least 1.")]
    [InlineData("training.steps = 99999999999", "curvature.training.steps is 99999999999; allowed is a whole number from 1 to 2147483647.")]
    [InlineData("training.threads = 5000", "curvature.training.threads is 5000; allowed is a whole number from 1 to 1024.")]
    [InlineData("optimizer.learning-rate = 0", "curvature.optimizer.learning-rate is 0; allowed is a number above 0.")]
    [InlineData("optimizer.learning-rate = 1e999", "curvature.optimizer.learning-rate is 1e999; allowed is a number above 0, within float32's range (1.2e-38 to 3.4e38).")]
    [InlineData("optimizer.learning-rate = NaN", "curvature.optimizer.learning-rate is \"NaN\"; allowed is a number above 0.")]
    [InlineData("training.clip-norm = 0", "curvature.training.clip-norm is 0; allowed is a number above 0.")]
    [InlineData("training.clip-norm = -1", "curvature.training.clip-norm is -1; allowed is a number above 0.")]
    [InlineData("model.dropout = 1", "curvature.model.dropout is 1; allowed is a number from 0 to below 1.")]
    [InlineData("schedule.final-fraction = 2", "curvature.schedule.final-fraction is 2; allowed is a number from 0 to 1.")]
    [InlineData("schedule.max-stability-ratio = 0", "curvature.schedule.max-stability-ratio is 0; allowed is a number above 0.")]
    [InlineData("schedule.curvature-lag = -1", "curvature.schedule.curvature-lag is -1; allowed is a whole number of at least 0.")]
    [InlineData("optimizer.weight-decay = -1", "curvature.optimizer.weight-decay is -1; allowed is a number of at least 0.")]
    [InlineData("detection.blow-up.factor = 1", "curvature.detection.blow-up.factor is 1; allowed is a number above 1.")]
    [InlineData("detection.stall.above = 0", "curvature.detection.stall.above is 0; allowed is a number above 0 and at most 1.")]
    [InlineData("recovery.clip-percentile = 101", "curvature.recovery.clip-percentile is 101; allowed is a number above 0 and at most 100.")]
    [InlineData("recovery.fallback-factor = 1", "curvature.recovery.fallback-factor is 1; allowed is a number above 0 and below 1.")]
    [InlineData("model.hidden = [64, 0]", "curvature.model.hidden is 0; allowed is a whole number of at least 1.")]
    [InlineData("runtime.slice = 0", "curvature.runtime.slice is 0; allowed is a time from 1ms to 1000000s.")]
    [InlineData("experiment.study = \"a b\"", "curvature.experiment.study is \"a b\"; allowed is a name of lower-case letters, digits and \"-\", or \"\" for none.")]
    [InlineData("experiment.name = \"a/b\"", "curvature.experiment.name is \"a/b\"; allowed is at most 64 letters, digits, spaces, \".\", \"_\" and \"-\", that is the name of a folder: no space at either end, no \".\" at the end, and no device of Windows such as nul or com1.")]
    public void A_value_out_of_range_is_named_with_the_range(string setting, string message) => Fails(message, $"curvature.{setting}");

    [Theory]
    [InlineData("probe.spacing = even", "curvature.probe.spacing is \"even\"; allowed are linear, logarithmic.")]
    [InlineData("probe.kinds.density.spacing = log", "curvature.probe.kinds.density.spacing is \"log\"; allowed are linear, logarithmic.")]
    [InlineData("optimizer.kind = sdg", "curvature.optimizer.kind is \"sdg\"; allowed are sgd, heavy-ball, nesterov, adam, adamw, rmsprop.")]
    [InlineData("optimizer.kind = [sgd]", "curvature.optimizer.kind has [sgd]; allowed are sgd, heavy-ball, nesterov, adam, adamw, rmsprop.")]
    [InlineData("model.kind = resnet", "curvature.model.kind is \"resnet\"; allowed are mlp, cnn, wide-resnet, deep-cnn, densenet, transformer, char-transformer, lstm, quadratic, uv, external.")]
    [InlineData("model.normalization = instance", "curvature.model.normalization is \"instance\"; allowed are none, batch, layer, group.")]
    [InlineData("model.lstm.normalization-position = mid", "curvature.model.lstm.normalization-position is \"mid\"; allowed are pre, post.")]
    [InlineData("model.activation = swish", "curvature.model.activation is \"swish\"; allowed are relu, tanh, gelu.")]
    [InlineData("schedule.kind = linear", "curvature.schedule.kind is \"linear\"; allowed are constant, cosine.")]
    [InlineData("training.loss = hinge", "curvature.training.loss is \"hinge\"; allowed are cross-entropy, mse, output.")]
    [InlineData("data.name = mnist", "curvature.data.name is \"mnist\"; allowed are fashion-mnist-small, idx, cifar-10, cifar-100, paradise-lost, text, synthetic.")]
    [InlineData("detection.rules = [nan]", "curvature.detection.rules is \"nan\"; allowed are non-finite, blow-up, silent-failure, stall.")]
    [InlineData("recovery.ladder = [pray]", "curvature.recovery.ladder is \"pray\"; allowed are warmup, clip, lower-rate.")]
    [InlineData("probe.policy = newest", "curvature.probe.policy is \"newest\"; allowed are latest, every, queue.")]
    public void An_unknown_member_of_a_family_is_named_with_the_known_ones(string setting, string message) => Fails(message, $"curvature.{setting}");

    [Theory]
    [InlineData("schedule.warmup-steps = 301", "curvature.schedule.warmup-steps is 301; it cannot exceed curvature.training.steps (300).")]
    [InlineData("training.batch-size = 5001", "curvature.training.batch-size is 5001; it cannot exceed the training images of fashion-mnist-small (5000).")]
    [InlineData("data.train-examples = 50", "curvature.training.batch-size is 64; it cannot exceed curvature.data.train-examples (50).")]
    [InlineData("data.train-examples = 100", "curvature.probe.examples is 256; it cannot exceed curvature.data.train-examples (100).")]
    [InlineData("data.train-examples = 6000", "curvature.data.train-examples is 6000; fashion-mnist-small has 5000 train images.")]
    [InlineData("data.test-examples = 1001", "curvature.data.test-examples is 1001; fashion-mnist-small has 1000 test images.")]
    [InlineData("data.name = idx", "curvature.data.directory is not set; idx needs the folder that its files lie in.")]
    [InlineData("data.name = cifar-100", "curvature.data.directory is not set; cifar-100 needs the folder that its files lie in.")]
    [InlineData("data.directory = /nowhere/at all", "curvature.data.directory is \"/nowhere/at all\"; there is no such folder.")]
    [InlineData("data.directory = \"a\\u0000\"", "curvature.data.directory is \"a\\u0000\" (which contains U+0000); a folder is expected.")]
    [InlineData("model.channels = []", "curvature.model.channels is []; a cnn needs at least one convolution (or choose curvature.model.kind = mlp).")]
    [InlineData("detection.rules = [stall, stall]", "curvature.detection.rules is [stall, stall]; each rule may be named once.")]
    [InlineData("recovery.ladder = []", "curvature.recovery.ladder is []; at least one remedy is needed (or set curvature.recovery.enabled = off).")]
    [InlineData("model.normalization = batch, curvature.training.batch-size = 1", "curvature.training.batch-size is 1; curvature.model.normalization = batch needs at least 2, since some layers have one value a feature of each example (or choose another normalisation).")]
    [InlineData("model { kind = mlp, normalization = batch }, curvature.training.batch-size = 1", "curvature.training.batch-size is 1; curvature.model.normalization = batch needs at least 2, since some layers have one value a feature of each example (or choose another normalisation).")]
    [InlineData("model { hidden = [], channels = [4, 4, 4, 4, 4], normalization = batch }, curvature.training.batch-size = 1", "curvature.training.batch-size is 1; curvature.model.normalization = batch needs at least 2, since some layers have one value a feature of each example (or choose another normalisation).")]
    [InlineData("model { kind = wide-resnet, wide-resnet { strides = [4, 4, 2], extra-norm = batch } }, curvature.training.batch-size = 1", "curvature.training.batch-size is 1; curvature.model.wide-resnet.extra-norm = batch needs at least 2, since some layers have one value a feature of each example (or choose another normalisation).")]
    [InlineData("data.classes = 1", "curvature.data.classes is 1; allowed is a whole number from 2 to 256.")]
    [InlineData("data.classes = many", "curvature.data.classes is \"many\"; a whole number or auto is expected.")]
    public void Fields_that_do_not_fit_together_are_both_named(string setting, string message) => Fails(message, $"curvature.{setting}");

    [Theory]
    [InlineData("model { hidden = [], normalization = batch }")]
    [InlineData("model { kind = wide-resnet, normalization = batch }")]
    [InlineData("model { kind = deep-cnn, normalization = batch }")]
    [InlineData("model { kind = densenet, normalization = batch }")]
    [InlineData("model { hidden = [16], normalization = layer }")]
    [InlineData("model { kind = mlp, hidden = [], normalization = batch }")]
    public void Batch_norm_over_the_positions_of_one_example_is_no_error(string setting) => Assert.Single(
        ExperimentLoader.LoadText($"curvature.{setting}, curvature.training.batch-size = 1", "good.conf", []).Runs);

    [Theory]
    [InlineData("model.kind = lstm", "curvature.model.kind is \"lstm\", which takes texts; curvature.data.name is \"fashion-mnist-small\", a set of images.")]
    [InlineData("data.name = paradise-lost", "curvature.model.kind is \"cnn\", which takes images; curvature.data.name is \"paradise-lost\", a set of texts.")]
    [InlineData("data.name = text", "curvature.data.directory is not set; text needs the folder that its files lie in.")]
    [InlineData("model.kind = uv, curvature.data.name = synthetic", "curvature.training.loss is \"cross-entropy\"; the model uv needs output.")]
    [InlineData("training.loss = output", "curvature.training.loss is \"output\"; the outputs of the model cnn are no losses.")]
    [InlineData("model { kind = uv }, curvature.data { name = synthetic, dimension = 2 }, curvature.training.loss = output", "curvature.data.dimension is 2; the model uv needs 1.")]
    [InlineData("model { kind = uv }, curvature.data { name = synthetic, directory = x }, curvature.training.loss = output", "curvature.data.directory is \"DIRECTORY\"; synthetic has no files, leave it out.")]
    [InlineData("model { kind = quadratic, quadratic.spectrum = [1, 2] }, curvature.data.name = synthetic, curvature.training.loss = output", "curvature.model.quadratic.spectrum has 2 eigenvalues; curvature.data.dimension is 1.")]
    [InlineData("model.assembly = \"a\\u0000\"", "curvature.model.assembly is \"a\\u0000\" (which contains U+0000); a file is expected.")]
    [InlineData("model.quadratic.spectrum = [1, big]", "curvature.model.quadratic.spectrum is \"big\"; a number is expected.")]
    [InlineData("model { kind = quadratic }, curvature.data.name = synthetic, curvature.training { loss = output, batch-size = 1025 }", "curvature.training.batch-size is 1025; it cannot exceed the training vectors of synthetic (1024).")]
    [InlineData("model { kind = wide-resnet, wide-resnet.depth = 12 }", "curvature.model.wide-resnet.depth is 12; allowed are 10, 16, 22, ... (6n + 4).")]
    [InlineData("model { kind = wide-resnet, wide-resnet.strides = [1, 2] }", "curvature.model.wide-resnet.strides is [1, 2]; it must be three whole numbers of at least 1.")]
    [InlineData("model { kind = wide-resnet, wide-resnet.pool = 8 }", "curvature.model.wide-resnet.pool is 8; the last maps are 7 x 7, allowed are global and whole numbers from 1 to 7.")]
    [InlineData("model.wide-resnet.pool = 0", "curvature.model.wide-resnet.pool is 0; allowed is a whole number of at least 1.")]
    [InlineData("model.wide-resnet.pool = all", "curvature.model.wide-resnet.pool is \"all\"; a whole number or global is expected.")]
    [InlineData("model { kind = transformer, transformer.heads = 3 }", "curvature.model.transformer.heads is 3; it must divide curvature.model.transformer.width (64).")]
    [InlineData("model { kind = transformer, transformer.patch-size = 5 }", "curvature.model.transformer.patch-size is 5; it must divide the images, 28 x 28.")]
    [InlineData("model { kind = transformer, normalization = batch }", "curvature.model.normalization is \"batch\"; allowed for transformer are none, layer.")]
    public void A_model_that_does_not_fit_data_or_loss_is_named(string setting, string message) =>
        Fails(message.Replace("DIRECTORY", Path.GetFullPath("x"), StringComparison.Ordinal), $"curvature.{setting}");

    [Theory]
    [InlineData("grid { \"optimizer.learning-rat\" = [1] }", "There is no key curvature.optimizer.learning-rat; did you mean curvature.optimizer.learning-rate?")]
    [InlineData("runs = [ { lerning-rate = 1 } ]", "There is no key curvature.lerning-rate; did you mean curvature.optimizer.learning-rate?")]
    [InlineData("grid { \"probe.workers\" = [1] }", "curvature.probe.workers cannot be varied by a sweep; it is the same for all runs of an experiment.")]
    [InlineData("grid { \"training.threads\" = [1, 2] }", "curvature.training.threads cannot be varied by a sweep; the number of threads belongs to the whole process.")]
    [InlineData("runs = [ { data.directory = x } ]", "curvature.data.directory cannot be varied by a sweep; a run is the same wherever its files lie.")]
    [InlineData("grid { \"training.steps\" = 10 }", "curvature.sweep.grid.\"training.steps\" is 10; a list of one or more values is expected.")]
    [InlineData("random { \"training.steps\" = [] }", "curvature.sweep.random.\"training.steps\" is []; a list of one or more values is expected.")]
    [InlineData("log-uniform { \"training.steps\" = [1] }", "curvature.sweep.log-uniform.\"training.steps\" is [1]; [low, high] with 0 < low <= high is expected.")]
    [InlineData("log-uniform { \"optimizer.learning-rate\" = [0, 1] }", "curvature.sweep.log-uniform.\"optimizer.learning-rate\" is [0, 1]; [low, high] with 0 < low <= high is expected.")]
    [InlineData("grid { \"training.steps\" = [1] }, runs = [ { training.steps = 2 } ]", "curvature.sweep varies curvature.training.steps twice; name each key once.")]
    [InlineData("grid { \"training.steps\" = [1], curvature.training { steps = [2] } }", "curvature.sweep varies curvature.training.steps twice; name each key once.")]
    [InlineData("log-uniform { \"training.steps\" = [1.6, 1.9] }", "curvature.sweep.log-uniform.\"training.steps\" is [1.6, 1.9]; curvature.training.steps is a whole number, and there is none between the two.")]
    [InlineData("log-uniform { \"optimizer.learning-rate\" = [1e-4, 1e39] }", "curvature.optimizer.learning-rate is 1E+39; allowed is a number above 0, within float32's range (1.2e-38 to 3.4e38) (a bound of curvature.sweep.log-uniform).")]
    [InlineData("log-uniform { \"optimizer.learning-rate\" = [1e-45, 1] }", "curvature.optimizer.learning-rate is 1E-45; allowed is a number above 0, within float32's range (1.2e-38 to 3.4e38) (a bound of curvature.sweep.log-uniform).")]
    [InlineData("log-uniform { \"optimizer.momentum\" = [0.5, 1.5] }", "curvature.optimizer.momentum is 1.5; allowed is a number from 0 to below 1 (a bound of curvature.sweep.log-uniform).")]
    [InlineData("log-uniform { \"training.steps\" = [0.2, 3e10] }", "curvature.training.steps is 30000000000; allowed is a whole number from 1 to 2147483647 (a bound of curvature.sweep.log-uniform).")]
    [InlineData("grid { seed = [1] }, seeds = 2", "curvature.sweep varies curvature.seed twice; name each key once.")]
    [InlineData("random { seed = [1] }, log-uniform { seed = [1, 2] }", "curvature.sweep varies curvature.seed twice; name each key once.")]
    [InlineData("seeds = 0", "curvature.sweep.seeds is 0; allowed is a whole number from 1 to 10000.")]
    [InlineData("seeds = 10000, runs = [ { training.steps = 2 }, { training.steps = 3 } ]", "curvature.sweep describes 20000 runs or more; allowed are 10000.")]
    [InlineData("grid { \"optimizer.learning-rate\" = [0.1, -1], \"training.steps\" = [5] }", "curvature.optimizer.learning-rate is -1; allowed is a number above 0 (run \"learning-rate=-1 steps=5\").")]
    [InlineData("grid { \"schedule.warmup-steps\" = [0, 500] }", "curvature.schedule.warmup-steps is 500; it cannot exceed curvature.training.steps (300) (run \"warmup-steps=500\").")]
    public void A_mistake_in_a_sweep_is_named_like_any_other(string sweep, string message) => Fails(message, $"curvature.sweep {{ {sweep} }}");

    [Theory]
    [InlineData("training.steps", "--set training.steps has no KEY=VALUE form, such as training.steps=100.")]
    [InlineData("=3", "--set =3 has no KEY=VALUE form, such as training.steps=100.")]
    [InlineData("", "--set  has no KEY=VALUE form, such as training.steps=100.")]
    [InlineData("curvature.trainig.steps=3", "There is no key curvature.trainig.steps; did you mean curvature.training.steps?")]
    [InlineData("training.steps=", "curvature.training.steps is \"\"; a whole number is expected.")]
    [InlineData("training.steps=-3", "curvature.training.steps is -3; allowed is a whole number of at least 1.")]
    [InlineData("training=3", "curvature.training is 3; a section is expected, its keys in braces.")]
    [InlineData("curvature=3", "curvature is 3; a section is expected, its keys in braces.")]
    [InlineData("devices=[cpu", "--set devices=[cpu, line 1, column 1: \"[\" is never closed.")]
    [InlineData("a b=3", "--set a b=3, line 1, column 3: the end of the key is expected, not \"b\".")]
    [InlineData("akka.loglevel=DEBUG", "--set sets keys of curvature only; akka.loglevel is set in the file, in its section akka { }.")]
    [InlineData("akka={}", "--set sets keys of curvature only; akka is set in the file, in its section akka { }.")]
    [InlineData("training.steps\u00a0=3", "--set training.steps\\u00a0=3, line 1, column 15: the end of the key is expected, not the character U+00A0.")]
    [InlineData("training\u200b.steps", "--set training\\u200b.steps has no KEY=VALUE form, such as training.steps=100.")]
    [InlineData("sweep.grid.training.stepz=[1]", "There is no key curvature.training.stepz; did you mean curvature.training.steps?")]
    public void A_malformed_override_is_named(string set, string message) => Fails(message, "", set);

    [Fact]
    public void A_rate_that_rests_on_lambda1_needs_it_measured() => Fails(
        "curvature.probe.enabled is off; curvature.schedule.max-stability-ratio (0.8) needs lambda1 (turn the one on or the other off).",
        "",
        "probe.enabled=no",
        "schedule.max-stability-ratio=0.8");

    [Fact]
    public void The_last_seed_must_exist() => Fails(
        "curvature.seed is 2147483647; allowed is a whole number of at most 2147483645 with sweep.seeds = 2.",
        "curvature { seed = 2147483647, sweep.seeds = 2 }");

    [Fact]
    public void A_missing_file_is_named() => Fails(
        "There is no configuration file /nowhere/x.conf.", () => ExperimentLoader.Load("/nowhere/x.conf", []));

    [Fact]
    public void A_folder_is_no_file() => Fails(
        "/tmp is a folder; a configuration file is expected.", () => ExperimentLoader.Load("/tmp", []));

    [Fact]
    public void A_file_that_is_no_text_is_named()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, [0x61, 0xFF, 0xFE, 0x62]);
            Fails($"{path} is not a text file in UTF-8.", () => ExperimentLoader.Load(path, []));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    [SuppressMessage("Interoperability", "CA1416", Justification = "Skipped where there are no Unix modes.")]
    public void An_unreadable_file_or_data_folder_is_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "Modes do not bind this user.");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("curvature-");
        string file = Path.Combine(folder.FullName, "x.conf");
        try
        {
            File.WriteAllText(file, "");
            File.SetUnixFileMode(file, UnixFileMode.None);
            Fails(
                $"{file} cannot be read: Access to the path '{file}' is denied.", () => ExperimentLoader.Load(file, []));
            File.SetUnixFileMode(folder.FullName, UnixFileMode.None);
            Fails(
                $"curvature.data.directory is \"{folder.FullName}\"; this folder cannot be read.",
                "",
                $"data.directory={folder.FullName}");
        }
        finally
        {
            File.SetUnixFileMode(folder.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            folder.Delete(recursive: true);
        }
    }

    private static void Fails(string message, string text, params string[] sets) =>
        Fails(message, () => ExperimentLoader.LoadText(text, "bad.conf", sets));

    private static void Fails(string message, Action load) =>
        Assert.Equal(message, Assert.Throws<ConfigurationException>(load).Message);
}
