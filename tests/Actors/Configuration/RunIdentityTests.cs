using System.Reflection;
using System.Text.Json;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Training;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Tests.Configuration;

public class RunIdentityTests
{
    private static RunSpecification Default => ExperimentLoader.LoadText("", "x", []).Runs[0].Specification;

    public static TheoryData<string> Fields => [.. Paths(typeof(RunSpecification))];

    [Fact]
    public void The_identity_of_a_specification_is_for_ever()
    {
        // A state directory is full of these. If this fails, stored runs are no longer recognised: a change of meaning
        // raises RunSpecification.Version or sets a field that was not there, and nothing else may move the identity.
        PlannedRun golden = ExperimentLoader.LoadText(
            """
            curvature {
              seed = 42
              data { name = fashion-mnist-small, train-examples = 1000, test-examples = 500 }
              model { kind = mlp, hidden = [32, 16], channels = [4], normalization = layer, activation = gelu, init-scale = 1.5, dropout = 0.1 }
              optimizer { kind = adamw, learning-rate = 0.001, momentum = 0.8, beta1 = 0.85, beta2 = 0.99, epsilon = 1e-7, weight-decay = 0.01 }
              schedule { kind = cosine, warmup-steps = 20, final-fraction = 0.05 }
              training { steps = 200, batch-size = 32, loss = mse, clip-norm = 2.5, threads = 2 }
              snapshot.every = 20
              probe { enabled = off, examples = 100, batch-size = 50, tolerance = 1e-4, max-products = 40 }
              detection {
                rules = [non-finite, stall]
                blow-up { factor = 4, patience = 5 }
                silent-failure { after = 50, chance-factor = 1.25 }
                stall { window = 80, above = 0.75 }
              }
              recovery {
                enabled = off, budget = 2, healthy-after = 8, ladder = [clip], warmup-steps = 30
                clip-percentile = 95, safe-fraction = 0.6, fallback-factor = 0.3
              }
            }
            """,
            "golden",
            []).Runs[0];
        Assert.Equal("c47369cb816b", golden.Run);

        // As it was before normalisations were torch's kernels.
        Assert.Equal("8be539eabeff", WithPrimitives(golden.Specification).Identity());
    }

    [Theory]
    [InlineData(true, "model.kind=mlp", "model.normalization=layer")]
    [InlineData(true, "model.kind=cnn", "model.normalization=group")]
    [InlineData(true, "model.kind=transformer", "model.normalization=layer", "model.transformer.patch-size=4")]
    [InlineData(true, "model.kind=wide-resnet", "model.wide-resnet.extra-norm=group")]
    [InlineData(false, "model.kind=cnn", "model.normalization=batch")]
    [InlineData(false, "model.kind=cnn", "model.wide-resnet.extra-norm=layer")]
    [InlineData(false, "model.kind=wide-resnet", "model.wide-resnet.extra-norm=batch")]
    [InlineData(false, "model.kind=mlp", "model.hidden=[]", "model.normalization=layer")]
    public void Runs_with_layer_or_group_normalisation_and_no_others_are_other_runs_than_before(bool others, params string[] set)
    {
        PlannedRun run = ExperimentLoader.LoadText("", "x", set).Runs[0];
        Assert.Equal(others, run.Specification.Model.FusedNormalization);
        Assert.Equal(others, run.Run != WithPrimitives(run.Specification).Identity());

        // What an earlier version stored says nothing of kernels.
        RunSpecification before = JsonSerializer.Deserialize(
            SpecificationJson.Canonical(WithPrimitives(run.Specification)), SpecificationJson.Default.RunSpecification)!;
        Assert.False(before.Model.FusedNormalization);
    }

    [Fact]
    public void Runs_that_an_earlier_version_accepted_are_the_file_s_and_others_are_not()
    {
        ExperimentSpecification asked = ExperimentLoader.LoadText(
            "curvature { model { kind = mlp, normalization = layer }, sweep.grid { seed = [1, 2, 3] } }", "x", []);
        string[] before = [.. asked.Runs.Select(run => WithPrimitives(run.Specification).Identity())];
        ExperimentSpecification found = EarlierRuns.Recognised(asked, new HashSet<string> { before[0], before[2], asked.Runs[2].Run });
        Assert.Equal([before[0], asked.Runs[1].Run, asked.Runs[2].Run], found.Runs.Select(run => run.Run));
        Assert.All(found.Runs, run => Assert.Equal(run.Run, run.Specification.Identity()));
        Assert.Equal(asked.Runs.Select(run => run.Name), found.Runs.Select(run => run.Name));
    }

    private static RunSpecification WithPrimitives(RunSpecification run) =>
        run with { Model = run.Model with { FusedNormalization = false } };

    [Theory]
    [MemberData(nameof(Fields))]
    public void Every_field_of_a_specification_but_the_data_directory_is_part_of_its_identity(string path)
    {
        string[] parts = path.Split('.');
        RunSpecification before = Default;
        object part = before;
        foreach (string name in parts[..^1])
        {
            PropertyInfo section = part.GetType().GetProperty(name)!;
            if (section.GetValue(part) is null)
            {
                section.SetValue(part, Blank(section.PropertyType));
            }

            part = section.GetValue(part)!;
        }

        RunSpecification changed = (RunSpecification)Changed(before, parts);
        Assert.NotEqual(before, changed);
        Assert.Equal(path is "Data.Directory" or "Model.Assembly", before.Identity() == changed.Identity());
    }

    [Theory]
    [InlineData("probe.dense-steps=0")]
    [InlineData("probe.every=1")]
    [InlineData("probe.policy=every")]
    [InlineData("probe.workers=4")]
    [InlineData("probe.graph-memory=500MB")]
    [InlineData("snapshot.keep=9")]
    [InlineData("training.evaluate-every=7")]
    [InlineData("state.directory=elsewhere")]
    [InlineData("devices=[\"cuda:0\"]")]
    [InlineData("experiment.name=other")]
    [InlineData("experiment.study=edge")]
    [InlineData("recovery.crash-budget=0")]
    [InlineData("recovery.error-budget=0")]
    [InlineData("runtime.slice=1")]
    [InlineData("optimizer.learning-rate=5e-2")]
    [InlineData("optimizer.weight-decay=-0")]
    public void What_only_observes_or_says_the_same_leaves_the_identity_alone(string set) =>
        Assert.Equal(Default.Identity(), ExperimentLoader.LoadText("", "x", [set]).Runs[0].Run);

    [Theory]
    [InlineData("probe.dense-steps=0", true)]
    [InlineData("probe.every=1", true)]
    [InlineData("probe.spacing=logarithmic", true)]
    [InlineData("probe.per-decade=3", false)]
    [InlineData("probe.policy=every", false)]
    [InlineData("probe.workers=4", false)]
    [InlineData("probe.kinds.trace.enabled=on", false)]
    public void Where_rates_rest_on_lambda1_its_schedule_is_part_of_the_identity(string set, bool part)
    {
        const string Cap = "schedule.max-stability-ratio=0.9";
        string before = ExperimentLoader.LoadText("", "x", [Cap]).Runs[0].Run;
        Assert.NotEqual(Default.Identity(), before);
        Assert.Equal(part, before != ExperimentLoader.LoadText("", "x", [Cap, set]).Runs[0].Run);
    }

    [Fact]
    public void An_identity_is_12_lower_case_hex_digits() => Assert.Matches("^[0-9a-f]{12}$", Default.Identity());

    private static IEnumerable<string> Paths(Type type, string prefix = "") => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .SelectMany(property => IsPart(property.PropertyType)
            ? Paths(property.PropertyType, $"{prefix}{property.Name}.")
            : [prefix + property.Name]);

    // A section that is null in the default run: that of another kind of model, or of an initialisation.
    private static object Blank(Type type)
    {
        object section = Activator.CreateInstance(type)!;
        foreach (PropertyInfo property in type.GetProperties())
        {
            if (property.PropertyType == typeof(string))
            {
                property.SetValue(section, "");
            }
            else if (property.PropertyType.IsGenericType && property.PropertyType.GetGenericTypeDefinition() == typeof(EquatableList<>))
            {
                Type item = property.PropertyType.GetGenericArguments()[0];
                property.SetValue(section, Activator.CreateInstance(property.PropertyType, Array.CreateInstance(item, 0)));
            }
        }

        return section;
    }

    private static bool IsPart(Type type) => type.Name.EndsWith("Specification", StringComparison.Ordinal);

    // What "record with { field = another value }" does, for a field by name.
    private static object Changed(object record, ReadOnlySpan<string> path)
    {
        object copy = record.GetType().GetMethod("<Clone>$")!.Invoke(record, null)!;
        PropertyInfo property = record.GetType().GetProperty(path[0])!;
        object? value = property.GetValue(record);
        property.SetValue(copy, path.Length > 1 ? Changed(value!, path[1..]) : Another(property.PropertyType, value));
        return copy;
    }

    private static object Another(Type type, object? value) => value switch
    {
        int number => number + 1,
        double number => number + 0.015625,
        bool flag => !flag,
        string text => text + "x",
        EquatableList<int> list => EquatableList.Create<int>([.. list, 1]),
        EquatableList<double> list => EquatableList.Create<double>([.. list, 0.5]),
        EquatableList<string> list => EquatableList.Create<string>([.. list, "x"]),
        null when type == typeof(int?) => 1,
        null when type == typeof(double?) => 1.5,
        null when type == typeof(string) => "x",
        _ => throw new NotSupportedException($"A field of type {type}: teach this test to change it."),
    };
}
