using CurvatureActors.Training.Data;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Optimizers;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Sessions;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Optimizers;

public class GradientInitAdamTests
{
    [Theory]
    [InlineData("adam")]
    [InlineData("adamw")]
    public void Given_the_first_gradient_as_second_moment_When_stepping_Then_the_updates_are_those_written_out(string kind)
    {
        // m, v and w in float64; a constant gradient for the first updates, then a larger one.
        OptimizerSpecification constants = Fixtures.Optimizer(kind) with { SecondMomentInit = "gradient" };
        using Generator generator = new(5);
        using Network network = ModelRegistry.Create(
            Fixtures.Model("mlp", hidden: [2]), new NetworkOptions(new ImageShape(1, 2, 2), 2, CPU), generator);
        using FlatParameters parameters = new(network);
        using Optimizer optimizer = OptimizerRegistry.Optimizers[kind].Create(constants, parameters);
        double w = parameters.Values[0].item<float>();
        double m = 0;
        double v = 0.3 * 0.3;
        for (int t = 1; t <= 6; t++)
        {
            double g = t < 4 ? 0.3 : 1.5;
            m = (0.9 * m) + (0.1 * g);
            v = (0.99 * v) + (0.01 * g * g);
            double before = w;
            w -= 0.02 / (1 - Math.Pow(0.9, t)) * m / (Math.Sqrt(v / (1 - Math.Pow(0.99, t))) + 1e-8);
            parameters.Gradients.fill_(g);
            optimizer.Step(0.02);
            Assert.Equal(w, parameters.Values[0].item<float>(), 1e-6);
            if (t < 4)
            {
                // While the gradient stays the same: a warmup, sqrt(1 - b2^t) of the rate.
                Assert.Equal(0.02 * Math.Sqrt(1 - Math.Pow(0.99, t)), before - w, 1e-8);
            }
        }
    }
}
