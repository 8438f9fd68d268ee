using System.Text;
using CurvatureActors.Actors.Configuration;

namespace CurvatureActors.Actors.Tests.Configuration;

public class ConfigurationFuzzTests
{
    private const string Valid =
        """"
        # A file that uses most of the language.
        curvature {
          experiment.name = "fuzz me", devices = [cpu, "cpu:1"] // two slots
          training { steps = 40, batch-size = 16, clip-norm = 1e+3 }
          "model.hidden" = [
            32
            16,
          ]
          model { dropout = 0.1, channels = [4, 8] }
          data.directory = """."""
          sweep {
            grid { "optimizer.learning-rate" = [0.01, 0.1], schedule { warmup-steps = [0, 10] } }
            random { "curvature.model.activation" = [relu, "t\u0061nh"] }
            log-uniform { optimizer.weight-decay = [1e-5, 1e-2] }
            runs = [ { training.loss = mse }, { training { loss = cross-entropy } } ]
            seeds = 2, samples = 2
          }
        }
        akka { loglevel = INFO, cluster { failure-detector { threshold = 9.5 }, gossip-interval = 5 s } }
        """";

    [Fact]
    public void The_starting_point_is_valid() => Assert.Equal(32, ExperimentLoader.LoadText(Valid, "x", []).Runs.Count);

    [Fact]
    public void Every_truncation_is_an_experiment_or_a_clear_error()
    {
        int accepted = 0;
        for (int length = 0; length < Valid.Length; length++)
        {
            accepted += Try(Valid[..length], []);
        }

        // Within the braces nothing may pass: only the comment, and what stands before or after the akka section.
        Assert.InRange(accepted, 1, 60);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Any_edit_of_bytes_gives_an_experiment_or_a_clear_error(int seed)
    {
        Random random = new(seed);
        byte[] valid = Encoding.UTF8.GetBytes(Valid);
        byte[] pieces = "{}[]\"\\=:,.#/$ \n\r\t-+eE019anull\0\u007f"u8.ToArray();
        int accepted = 0;
        int refused = 0;
        for (int i = 0; i < 1000; i++)
        {
            List<byte> bytes = [.. valid];
            for (int edit = random.Next(1, 4); edit > 0; edit--)
            {
                int at = random.Next(bytes.Count);
                switch (random.Next(4))
                {
                    case 0:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        bytes.Insert(at, pieces[random.Next(pieces.Length)]);
                        break;
                    case 2:
                        bytes.RemoveRange(at, Math.Min(random.Next(1, 30), bytes.Count - at));
                        break;
                    default:
                        bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 30), bytes.Count - at)));
                        break;
                }
            }

            int result = Try(Encoding.UTF8.GetString([.. bytes]), []);
            accepted += result;
            refused += 1 - result;
        }

        // Neither all nor none: otherwise this test would test nothing.
        Assert.True(accepted > 10 && refused > 10, $"{accepted} accepted, {refused} refused");
    }

    [Fact]
    public void Any_text_in_an_akka_section_is_refused_here_or_read_by_akka()
    {
        Random random = new(6);
        string[] keys = [.. AkkaSettings.Keys];
        string[] pieces = ["1", "2", "0", ".", "-", "e", "+", "|", ";", "(", "'", " ", "\t", "ü", "\"x\"", "[", "]", "{", "}", ",", "\n", "/", "#", "null", "on", "off", "5s", "ms", "MB", "DEBUG"];
        int accepted = 0;
        for (int i = 0; i < 5000; i++)
        {
            string value = string.Concat(Enumerable.Range(0, random.Next(1, 3)).Select(_ => pieces[random.Next(pieces.Length)]));
            accepted += Try($"akka {{ {keys[random.Next(keys.Length)]} = {value}\n}}", []);
        }

        // Neither all nor none: otherwise this test would test nothing.
        Assert.InRange(accepted, 100, 4000);
    }

    [Fact]
    public void Any_override_gives_an_experiment_or_a_clear_error()
    {
        Random random = new(5);
        string[] pieces = ["curvature.", "sweep.", "grid.", "training.", "steps", "seed", "=", "[", "]", "{", "}", "\"", "1", ",", " ", "\\", ".", "x", "\n"];
        for (int i = 0; i < 5000; i++)
        {
            _ = Try("", [string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => pieces[random.Next(pieces.Length)]))]);
        }
    }

    private static int Try(string text, string[] sets)
    {
        try
        {
            ExperimentSpecification experiment = ExperimentLoader.LoadText(text, "fuzz.conf", sets);
            Assert.NotEmpty(experiment.Runs);

            // What is handed on to Akka must not be what breaks its parser when the system starts.
            Assert.NotNull(Akka.Configuration.ConfigurationFactory.ParseString(experiment.AkkaOverrides));
            return 1;
        }
        catch (ConfigurationException error)
        {
            Assert.NotEmpty(error.Message);
            return 0;
        }
    }
}
