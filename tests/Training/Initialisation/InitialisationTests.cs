using CurvatureActors.Training.Data;
using CurvatureActors.Training.Initialisation;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Sessions;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Initialisation;

public class InitialisationTests
{
    [Theory]
    [InlineData(1.0)]
    [InlineData(0.25)]
    public void Given_an_init_scale_When_initialised_Then_each_deviation_is_Hes_within_sampling_error(double scale)
    {
        ModelSpecification model = Fixtures.Model(normalization: "layer", channels: [32, 64], hidden: [300])
            with
        { InitScale = scale };
        using Generator generator = new(7);
        using Network network = ModelRegistry.Create(
            model, new NetworkOptions(new ImageShape(3, 16, 16), Classes: 10, CPU), generator);
        Dictionary<string, int> fanIn = new()
        {
            ["convolutions.0.weight"] = 3 * 3 * 3,
            ["convolutions.1.weight"] = 32 * 3 * 3,
            ["hidden.0.weight"] = 64 * 4 * 4,
            ["classifier.weight"] = 300,
        };
        foreach (NamedTensor parameter in network.Parameters)
        {
            float[] values = parameter.Value.data<float>().ToArray();
            if (fanIn.TryGetValue(parameter.Name, out int inputs))
            {
                double expected = scale * Math.Sqrt(2.0 / inputs);
                double mean = values.Average(value => (double)value);
                double deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));

                // Five standard errors: of a mean s/sqrt(n), of a normal's deviation s/sqrt(2n).
                Assert.Equal(0, mean, 5 * expected / Math.Sqrt(values.Length));
                Assert.Equal(expected, deviation, 5 * expected / Math.Sqrt(2 * values.Length));
            }
            else
            {
                float constant = parameter.Name.EndsWith("normalization.weight", StringComparison.Ordinal) ? 1 : 0;
                Assert.All(values, value => Assert.Equal(constant, value));
            }
        }
    }

    [Fact]
    public void Given_seeds_and_purposes_When_derived_Then_no_two_agree_and_they_are_for_ever()
    {
        ulong[] seeds = [.. from seed in Enumerable.Range(0, 50)
                            from purpose in (string[])["initialisation", "dropout"]
                            select SeedDerivation.Derive(seed, purpose) & uint.MaxValue];
        Assert.Equal(seeds.Length, seeds.Distinct().Count());

        // python3 -c "import hashlib; print(int.from_bytes(hashlib.sha256(b'curvature/dropout/3').digest()[:8], 'little'))"
        Assert.Equal(15192885284239183570UL, SeedDerivation.Derive(3, "dropout"));
    }
}
