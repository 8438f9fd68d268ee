using CurvatureActors.Actors.Configuration;
using Config = Akka.Configuration.Config;

namespace CurvatureActors.Actors.Tests.Configuration;

/// <summary>What HOCON means where a reader that goes its own way would quietly read something else.</summary>
public class HoconSlipTests
{
    [Theory]
    [InlineData("\"curvature.training.steps\" = 5, curvature.training.steps = 7")]
    [InlineData("curvature.seed = 1, \"curvature.training.steps\" = 5, curvature { training { steps = 7 } }")]
    [InlineData("curvature { training.steps = 4, \"training.steps\" = 5, training.steps = 7 }")]
    [InlineData("curvature { \"training\" { steps = 5 }, \"training.steps\" = 6 }, \"curvature\".training.\"steps\" = 7")]
    [InlineData("curvature.training.steps = 3\n\"curvature.training\" { steps = 7 }")]
    public void The_later_assignment_wins_however_its_key_is_written(string text) =>
        Assert.Equal(7, Assert.Single(Load(text).Runs).Specification.Training.Steps);

    [Fact]
    public void Any_order_of_assignments_means_what_it_means_to_akka()
    {
        Random random = new(8);
        string[] keys = ["training.steps", "training.batch-size", "snapshot.every", "snapshot.keep", "probe.kinds.top.count"];
        for (int i = 0; i < 500; i++)
        {
            (string Key, int Value)[] assignments =
                [.. Enumerable.Range(0, 6).Select(_ => (keys[random.Next(keys.Length)], random.Next(2, 200)))];
            Settings ours = ReferenceConfiguration.Defaults.Copy();
            string text = string.Join('\n', assignments.Select(assignment => Written(assignment.Key, assignment.Value)));
            ours.Apply("", HoconParser.Parse(text, "x"));

            // Akka takes a quoted path for one key: it gets the same assignments with plain ones.
            Config akka = Akka.Configuration.ConfigurationFactory.ParseString(string.Join('\n', assignments.Select(a => $"{a.Key} = {a.Value}")));
            Assert.All(assignments, assignment =>
                Assert.Equal($"{akka.GetInt(assignment.Key)}", ((TextValue)ours[assignment.Key]).Text));
        }

        string Written(string key, int value)
        {
            int dot = key.IndexOf('.');
            return random.Next(4) switch
            {
                0 => $"{key} = {value}",
                1 => $"\"{key}\" = {value}",
                2 => $"{key[..dot]} {{ {key[(dot + 1)..]} = {value} }}",
                _ => $"{key[..dot]} {{ \"{key[(dot + 1)..]}\" = {value} }}",
            };
        }
    }

    [Theory]
    [InlineData("curvature.seed = 1 # the seed\rcurvature.training.steps = 7")]
    [InlineData("curvature.seed = 1 // the seed\rcurvature.training.steps = 7\r")]
    [InlineData("# old Mac\rcurvature {\r  training.steps = 7\r}\r")]
    [InlineData("# Windows\r\ncurvature {\r\n  training.steps = 7 # steps\r\n}\r\n")]
    public void A_carriage_return_ends_a_line(string text) =>
        Assert.Equal(7, Assert.Single(Load(text).Runs).Specification.Training.Steps);

    [Theory]
    [InlineData("# one\r# two\rcurvature { seed = }", "x.conf, line 3, column 20")]
    [InlineData("# one\r\n# two\r\n\r\ncurvature { seed = }", "x.conf, line 4, column 20")]
    public void Lines_are_counted_by_their_ends(string text, string place) =>
        Assert.StartsWith(place, Assert.Throws<ConfigurationException>(() => Load(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_sweep_keeps_the_order_of_its_file_however_its_keys_are_written() => Assert.Equal(
        ["steps=1 kind=sgd batch-size=2", "steps=1 kind=sgd batch-size=4", "steps=1 kind=adam batch-size=2"],
        Load("""
            curvature.sweep.grid {
              "training.steps" = [1]
              optimizer { kind = [sgd, adam] }
              training { batch-size = [2, 4] }
            }
            """).Runs.Take(3).Select(run => run.Name));

    [Theory]
    [InlineData("\"\"\"\"a\"\"\"\"", "\"a\"")]
    [InlineData("\"\"\"a\\\"\"\"\"", "a\\\"")]
    public void Quotation_marks_beyond_three_belong_to_the_text(string value, string folder) =>
        Assert.Equal(folder, Load($"curvature.state.directory = {value}").StateDirectory);

    [Theory]
    [InlineData("steps = 50\u00A0", "x.conf, line 1, column 34: the character U+00A0 cannot stand in an unquoted value; remove it or quote the whole value.")]
    [InlineData("steps =\u2009 50", "x.conf, line 1, column 31: the character U+2009 cannot stand in an unquoted value; remove it or quote the whole value.")]
    [InlineData("steps = 5\u200B0", "x.conf, line 1, column 33: the character U+200B cannot stand in an unquoted value; remove it or quote the whole value.")]
    [InlineData("\u00A0steps = 50", "x.conf, line 1, column 24: a key is expected, not the character U+00A0.")]
    [InlineData("steps\u2060 = 50", "x.conf, line 1, column 29: \"=\" is expected, not the character U+2060.")]
    [InlineData("steps = \"50\u00A0\"", "curvature.training.steps is \"50\\u00a0\" (which contains U+00A0); a whole number is expected.")]
    [InlineData("\"steps\u00AD\" = 50", "There is no key curvature.training.steps\\u00ad; did you mean curvature.training.steps?")]
    [InlineData("\U0001F600 = 50", "x.conf, line 1, column 24: a key is expected, not \"\U0001F600\".")]
    [InlineData("steps = \"\\uD83D\"", "x.conf, line 1, column 32: a quoted text holds half of a character, a lone surrogate.")]
    [InlineData("clip-norm = 0,1", "x.conf, line 1, column 37: a comma separates settings; the decimal sign is a point, as in 0.1.")]
    public void What_nobody_sees_is_named(string setting, string message) => Assert.Equal(
        message, Assert.Throws<ConfigurationException>(() => Load($"curvature {{ training {{ {setting} }} }}")).Message);

    [Fact]
    public void The_same_of_the_command_line_is_named() => Assert.Equal(
        "curvature.training.steps is \"50\\u00a0\" (which contains U+00A0); a whole number is expected.",
        Assert.Throws<ConfigurationException>(() => ExperimentLoader.LoadText("", "x", ["training.steps=50\u00A0"])).Message);

    [Theory]
    [InlineData("training.batch-size", "[2.4, 5.6]", 3, 5)]
    [InlineData("schedule.warmup-steps", "[1.6, 2.4]", 2, 2)]
    [InlineData("probe.max-products", "[9.5, 11.5]", 10, 11)]
    [InlineData("seed", "[3e2, 302.9]", 300, 302)]
    public void Log_uniform_draws_of_a_whole_number_stay_between_their_bounds(string key, string bounds, int low, int high)
    {
        int[] drawn =
        [
            .. Load($"curvature.sweep {{ samples = 300, log-uniform {{ \"{key}\" = {bounds} }} }}").Runs
                .Select(run => int.Parse(run.Parameters[key], System.Globalization.CultureInfo.InvariantCulture)),
        ];
        Assert.Equal(Enumerable.Range(low, high - low + 1), drawn.Order());
    }

    [Theory]
    [InlineData("state.directory")]
    [InlineData("experiment.name")]
    [InlineData("data.directory")]
    public void Null_is_no_text(string key)
    {
        string message = Assert.Throws<ConfigurationException>(() => Load($"curvature.{key} = null")).Message;
        Assert.Equal($"curvature.{key} is \"null\"; a text, in quotation marks, is expected.", message);
    }

    private static ExperimentSpecification Load(string text) => ExperimentLoader.LoadText(text, "x.conf", []);
}
