using System.Globalization;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Tests.Hosting;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Tests.Configuration;

/// <summary>Numbers as people write them, and numbers that training cannot take.</summary>
public class NumberTests
{
    // Numbers that the program computes with in double precision; every other number becomes a float32 somewhere.
    private static readonly string[] InDoublePrecision =
    [
        "schedule.max-stability-ratio", "detection.blow-up.factor", "detection.silent-failure.chance-factor",
    ];

    public static TheoryData<string> Numbers => [.. ReferenceConfiguration.Keys.Where(key =>
        ReferenceConfiguration.Defaults[key] is TextValue text
        && (text.Text == "off" || double.TryParse(text.Text, CultureInfo.InvariantCulture, out _))
        && !InDoublePrecision.Contains(key))];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void No_number_beyond_float32_is_taken(string key)
    {
        foreach (string huge in (string[])["1e39", "-1e39", "1e309", "1e400000000000"])
        {
            if (key == "model.quadratic.exponent")
            {
                continue;
            }

            string message = Refusal($"{key}={huge}");
            Assert.StartsWith($"curvature.{key} is {huge}", message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("optimizer.learning-rate", "1e-50", "a number above 0")]
    [InlineData("optimizer.learning-rate", "1e-39", "a number above 0")]
    [InlineData("optimizer.learning-rate", "3.5e38", "a number above 0")]
    [InlineData("optimizer.weight-decay", "1e-400", "a number of at least 0")]
    [InlineData("optimizer.epsilon", "1e-60", "a number above 0")]
    [InlineData("training.clip-norm", "1e39", "a number above 0")]
    [InlineData("model.init-scale", "1e-45", "a number above 0")]
    [InlineData("init.gradinit.step-size", "1e39", "a number above 0")]
    [InlineData("model.uv.target", "-1e39", "a finite number")]
    public void A_number_out_of_float32s_range_is_refused_as_such(string key, string value, string allowed) => Assert.Equal(
        $"curvature.{key} is {value}; allowed is {allowed}, within float32's range (1.2e-38 to 3.4e38).", Refusal($"{key}={value}"));

    [Theory]
    [InlineData("optimizer.momentum", "0.99999999")]
    [InlineData("optimizer.beta2", "0.999999999999")]
    [InlineData("model.dropout", "0.99999998")]
    public void A_number_that_float32_rounds_out_of_its_interval_is_refused(string key, string value) => Assert.Equal(
        $"curvature.{key} is {value}; allowed is a number from 0 to below 1, also as a float32, in which it is 1.",
        Refusal($"{key}={value}"));

    [Theory]
    [InlineData("curvature.optimizer.learning-rate is 1E+38; divided by 1 - curvature.optimizer.beta1 it leaves", "optimizer.kind=adam", "optimizer.learning-rate=1e38")]
    [InlineData("curvature.optimizer.weight-decay is 1E+20; times curvature.optimizer.learning-rate it leaves", "optimizer.kind=adamw", "optimizer.learning-rate=1e20", "optimizer.weight-decay=1e20")]
    [InlineData("curvature.schedule.final-fraction is 1E-20; times curvature.optimizer.learning-rate it leaves", "schedule.final-fraction=1e-20", "optimizer.learning-rate=1e-20")]
    [InlineData("curvature.init.scales.linear is 1E+20; times curvature.model.init-scale and a weight's standard deviation it leaves", "model.init-scale=1e20", "init.scales.linear=1e20")]
    [InlineData("curvature.model.init-scale is 1E+38; as the factor on a weight's standard deviation it leaves", "model.init-scale=1e38")]
    public void Products_of_settings_are_held_to_the_range_too(string message, params string[] sets) =>
        Assert.StartsWith(message, Refusal(sets), StringComparison.Ordinal);

    // The oracle is training itself, which throws for a scalar beyond float32.
    [Theory]
    [InlineData("optimizer.kind=adam", "optimizer.learning-rate=3e37")]
    [InlineData("optimizer.kind=adamw", "optimizer.learning-rate=1e18", "optimizer.weight-decay=1e18")]
    [InlineData("optimizer.kind=rmsprop", "optimizer.learning-rate=3.4e38")]
    [InlineData("optimizer.kind=heavy-ball", "optimizer.learning-rate=1.2e-38", "optimizer.weight-decay=3e38")]
    [InlineData("model.init-scale=1e37")]
    public void What_is_taken_can_be_stepped_with(params string[] sets)
    {
        RunSpecification run = SmallExperiment.Run(sets);
        using TrainingSession session = SmallExperiment.Session(run);
        _ = session.Advance();
    }

    [Theory]
    [InlineData("3e2", 300)]
    [InlineData("300.0", 300)]
    [InlineData("0.3e3", 300)]
    [InlineData("3000E-1", 300)]
    [InlineData("+300", 300)]
    [InlineData("1e9", 1_000_000_000)]
    public void A_whole_number_is_whole_however_it_is_written(string written, int steps)
    {
        PlannedRun run = Assert.Single(ExperimentLoader.LoadText($"curvature.training.steps = \"{written}\"", "x", []).Runs);
        Assert.Equal(steps, run.Specification.Training.Steps);
        Assert.Equal(Assert.Single(ExperimentLoader.LoadText("", "x", [$"training.steps={steps}"]).Runs).Run, run.Run);
    }

    [Theory]
    [InlineData("3e-1", "a whole number is expected.")]
    [InlineData("1e-999999999999", "a whole number is expected.")]
    [InlineData("30.05e1", "a whole number is expected.")]
    [InlineData("e3", "a whole number is expected.")]
    [InlineData(".", "a whole number is expected.")]
    [InlineData("1e999999999999", "allowed is a whole number from 1 to 2147483647.")]
    [InlineData("-1e30", "allowed is a whole number of at least 1.")]
    [InlineData("90 seconds", "a whole number of steps is expected, without a unit.")]
    [InlineData("1e3steps", "a whole number of steps is expected, without a unit.")]
    [InlineData("1,000", "a whole number is expected; the decimal sign is a point, as in 0.1, and thousands are not separated.")]
    public void What_is_not_whole_is_refused(string written, string message) =>
        Assert.EndsWith($"; {message}", Refusal($"training.steps={written}"), StringComparison.Ordinal);

    [Theory]
    [InlineData("runtime.slice", "50ms", 50)]
    [InlineData("runtime.slice", "0.05 s", 50)]
    [InlineData("runtime.slice", "5e1", 50)]
    [InlineData("runtime.telemetry-flush", "2 minutes", 120_000)]
    [InlineData("runtime.hang-after", "90 seconds", 90_000)]
    [InlineData("runtime.hang-after", "1500ms", 1_500)]
    [InlineData("runtime.measurement-hang-after", "1.5h", 5_400_000)]
    [InlineData("runtime.storage-patience", "2d", 172_800_000)]
    [InlineData("runtime.worker-grace", "50 minutes", 3_000_000)]
    [InlineData("runtime.worker-grace", "60", 60_000)]
    [InlineData("runtime.storage-patience", "0", 0)]
    [InlineData("runtime.storage-patience", "9", 9_000)]
    public void A_time_has_a_unit_of_HOCONs_or_that_of_its_key(string key, string written, double milliseconds)
    {
        RuntimeOptions runtime = ExperimentLoader.LoadText("", "x", [$"{key}={written}"]).Runtime;
        TimeSpan read = key switch
        {
            "runtime.slice" => runtime.Slice,
            "runtime.telemetry-flush" => runtime.TelemetryFlush,
            "runtime.hang-after" => runtime.HangAfter,
            "runtime.measurement-hang-after" => runtime.MeasurementHangAfter,
            "runtime.worker-grace" => runtime.WorkerGrace ?? RuntimeOptions.UsualWorkerGrace,
            _ => runtime.StoragePatience,
        };
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), read);
    }

    [Theory]
    [InlineData("runtime.slice", "50 parsecs", "a number of milliseconds, or a time such as 50ms, 90s or 2 minutes, is expected.")]
    [InlineData("runtime.hang-after", "0,5", "a number of seconds, or a time such as 50ms, 90s or 2 minutes, is expected.")]
    [InlineData("runtime.hang-after", "10ms", "allowed is a time from 1s to 1000000s.")]
    [InlineData("runtime.storage-patience", "2147483647", "allowed is a time from 0s to 1000000s.")]
    [InlineData("runtime.storage-patience", "-1", "allowed is a time from 0s to 1000000s.")]
    [InlineData("snapshot.disk-budget", "1 hogshead", "a number of megabytes, a size such as 500MB or 20GiB, or off is expected.")]
    [InlineData("probe.graph-memory", "half", "a number of megabytes, a size such as 500MB or 20GiB, or auto is expected.")]
    [InlineData("probe.graph-memory", "0", "allowed is a size from 1MB to 2147483647MB.")]
    [InlineData("snapshot.disk-budget", "10kB", "allowed is a size from 1MB to 2147483647MB.")]
    public void A_wrong_time_or_size_is_told_its_unit(string key, string written, string message) =>
        Assert.EndsWith($"; {message}", Refusal($"{key}={written}"), StringComparison.Ordinal);

    [Theory]
    [InlineData("500", 500_000_000)]
    [InlineData("500MB", 500_000_000)]
    [InlineData("2 GiB", 2_147_483_648)]
    [InlineData("1.5 gigabytes", 1_500_000_000)]
    [InlineData("512m", 536_870_912)]
    public void A_size_has_a_unit_of_HOCONs_or_is_in_megabytes(string written, long bytes) =>
        Assert.Equal(bytes, ExperimentLoader.LoadText("", "x", [$"snapshot.disk-budget={written}"]).SnapshotBudget);

    private static string Refusal(params string[] sets) =>
        Assert.Throws<ConfigurationException>(() => ExperimentLoader.LoadText("", "x", sets)).Message;
}
