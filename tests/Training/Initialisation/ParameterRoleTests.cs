using CurvatureActors.Training.Data;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Models;
using CurvatureActors.Training.Tests.Sessions;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Initialisation;

public class ParameterRoleTests
{
    [Theory]
    [InlineData("embedding.weight", 64)]
    [InlineData("positions.weight", 64)]
    [InlineData("blocks.0.attention.query.weight", 64)]
    [InlineData("blocks.0.attention.output.weight", 64)]
    [InlineData("blocks.0.mlp.0.weight", 32)]
    [InlineData("blocks.0.mlp.1.weight", 128)]
    public void Given_a_transformer_When_initialised_Then_each_deviation_is_init_scale_over_the_root_of_its_divisor(
        string name, double divisor)
    {
        const double Scale = 0.5;
        ModelSpecification model = Fixtures.Model("char-transformer", "layer") with
        {
            Transformer = ModelSamples.Transformer("pre", width: 64),
            InitScale = Scale,
        };
        using Generator generator = new(3);
        using Network network = ModelRegistry.Create(
            model, new NetworkOptions(new SequenceShape(40), Classes: 50, CPU), generator);
        float[] values = network.Parameters.Single(parameter => parameter.Name == name).Value.data<float>().ToArray();
        double expected = Scale / Math.Sqrt(divisor);

        // Five standard errors of a normal's deviation.
        Assert.Equal(
            expected,
            Math.Sqrt(values.Average(value => (double)value * value)),
            5 * expected / Math.Sqrt(2 * values.Length));
        Assert.All(
            network.Parameters.Where(parameter => parameter.Role == ParameterRole.Fixed),
            parameter => Assert.Single(parameter.Value.data<float>().ToArray().Distinct()));
    }
}
