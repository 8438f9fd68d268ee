using CurvatureActors.Training.Data;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Optimizers;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Models;
using CurvatureActors.Training.Tests.Sessions;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Initialisation;

public class FixupTests
{
    [Fact]
    public void Given_fixup_When_drawn_Then_branches_and_classifier_are_as_published()
    {
        using Network network = WideResNet(depth: 16);
        const int Blocks = 6;
        foreach (NamedTensor weight in network.Parameters.Where(parameter => parameter.Value.dim() >= 2))
        {
            double[] values = [.. weight.Value.data<float>().ToArray().Select(value => (double)value)];
            double variance = values.Average(value => value * value);
            if (weight.Name.Contains("convolutions.1", StringComparison.Ordinal) || weight.Name == "classifier.weight")
            {
                Assert.Equal(0, variance);
                continue;
            }

            // Two convolutions a branch: L^(-1/2), and the fan-out; outside the branches He's fan-in.
            long[] shape = weight.Value.shape;
            double expected = weight.Name.Contains("convolutions.0", StringComparison.Ordinal)
                ? 2.0 / (shape[0] * 9) / Blocks
                : 2.0 / (shape[1] * shape[2] * shape[3]);
            Assert.Equal(1, variance / expected, 5 * Math.Sqrt(2.0 / values.Length));
        }
    }

    [Fact]
    public void Given_fixup_When_built_Then_a_scalar_stands_before_each_convolution_linear_layer_and_activation()
    {
        using Network network = WideResNet(depth: 10);
        NamedTensor[] scalars = [.. network.Parameters.Where(parameter => parameter.Role == ParameterRole.Scalar)];

        // Three blocks with two convolutions, two activations and a multiplier, two or three with a shortcut; stem, final
        // activation, classifier.
        Assert.Equal((3 * 5) + 3 + 3, scalars.Length);
        Assert.All(scalars, scalar => Assert.Equal(
            scalar.Name.EndsWith("multiplier.weight", StringComparison.Ordinal) ? [1f] : [0f],
            scalar.Value.data<float>().ToArray()));
        Assert.DoesNotContain(
            network.Parameters,
            parameter => parameter.Value.dim() == 1 && parameter.Role == ParameterRole.Fixed && parameter.Name != "classifier.bias");
    }

    [Fact]
    public void Given_fixup_When_a_branch_is_multiplied_Then_nothing_changes_since_it_is_zero()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Equal(
            Outputs(WideResNet(depth: 10)).data<float>().ToArray(),
            Outputs(WideResNet(depth: 10, residualScale: 100)).data<float>().ToArray());
        using Network untouched = WideResNet(depth: 10);
        Assert.Equal(0, untouched.Forward(Images(), NetworkMode.Train).abs().max().item<float>());
    }

    [Fact]
    public void Given_a_deeper_network_When_initialised_Then_the_variance_of_its_outputs_does_not_grow_with_fixup_but_does_with_he()
    {
        using DisposeScope scope = NewDisposeScope();
        double fixup = Variance(Outputs(WideResNet(depth: 40))) / Variance(Outputs(WideResNet(depth: 10)));
        double he = Variance(Outputs(WideResNet(depth: 40, kind: "he"))) / Variance(Outputs(WideResNet(depth: 10, kind: "he")));
        Assert.InRange(fixup, 0.3, 3);
        Assert.True(he > 30, $"{he}");

        static double Variance(Tensor outputs) => outputs.to_type(float64).var().item<double>();
    }

    [Theory]
    [InlineData("sgd")]
    [InlineData("heavy-ball")]
    [InlineData("adam")]
    public void Given_equal_gradients_When_stepping_Then_the_scalars_move_a_tenth_as_far(string kind)
    {
        using Network network = WideResNet(depth: 10);
        using FlatParameters parameters = new(network);
        using Optimizer optimizer = OptimizerRegistry.Optimizers[kind].Create(Fixtures.Optimizer(kind), parameters);
        float[] before = parameters.Values.data<float>().ToArray();
        parameters.Gradients.fill_(1);
        optimizer.Step(0.25);
        float[] after = parameters.Values.data<float>().ToArray();
        int offset = 0;
        foreach (NamedTensor tensor in parameters.Tensors)
        {
            float expected = tensor.Role == ParameterRole.Scalar ? -0.025f : -0.25f;
            for (int i = 0; i < tensor.Value.numel(); i++, offset++)
            {
                Assert.Equal(expected, after[offset] - before[offset], 1e-5f);
            }
        }
    }

    [Fact]
    public void Given_fixup_When_its_network_trains_Then_the_loss_falls()
    {
        RunSpecification run = Fixtures.Run(
            Model(10) with { Initialisation = new() { Kind = "fixup" } }, Fixtures.Optimizer("heavy-ball", 0.05), steps: 15);
        using var session = Fixtures.Session(run);
        double first = session.Evaluate().Loss;
        Assert.Equal(Math.Log(5), first, 1e-5);
        while (!session.Finished)
        {
            Assert.Null(session.Advance().Verdict);
        }

        Assert.True(session.Evaluate().Loss < first);
    }

    [Theory]
    [InlineData("mlp", "none", "none", "curvature.init.kind is \"fixup\", which is for residual networks; curvature.model.kind is \"mlp\", allowed is wide-resnet.")]
    [InlineData("wide-resnet", "batch", "none", "curvature.model.normalization is \"batch\"; with curvature.init.kind = fixup, which replaces normalisation, it must be none.")]
    [InlineData("wide-resnet", "none", "group", "curvature.model.wide-resnet.extra-norm is \"group\"; with curvature.init.kind = fixup, which replaces normalisation, it must be none.")]
    public void Given_a_model_that_fixup_is_not_for_When_built_Then_the_error_names_key_and_value(
        string kind, string normalization, string extra, string message)
    {
        ModelSpecification model = Fixtures.Model(kind, normalization) with
        {
            WideResNet = ModelSamples.WideResNet(10, 1, 2, extra),
            Initialisation = new() { Kind = "fixup" },
        };
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => ModelRegistry.Build(
            model, new NetworkOptions(new ImageShape(1, 6, 6), 5, CPU))).Message);
    }

    private static ModelSpecification Model(int depth, double residualScale = 1) =>
        Fixtures.Model("wide-resnet", hidden: [], channels: []) with
        {
            WideResNet = ModelSamples.WideResNet(depth, 2, 8, scale: residualScale),
        };

    private static Network WideResNet(int depth, double residualScale = 1, string kind = "fixup")
    {
        using Generator generator = new(7);
        return ModelRegistry.Create(
            Model(depth, residualScale) with { Initialisation = new() { Kind = kind } },
            new NetworkOptions(new ImageShape(1, 6, 6), Classes: 50, CPU),
            generator);
    }

    private static Tensor Images()
    {
        using Generator generator = new(8);
        return empty([4, 1, 6, 6]).normal_(0, 1, generator);
    }

    // Through a classifier that is not zero; disposes the network.
    private static Tensor Outputs(Network network)
    {
        using (network)
        using (no_grad())
        {
            using Generator generator = new(9);
            _ = network.Parameters.Single(parameter => parameter.Name == "classifier.weight").Value.normal_(0, 0.1, generator);
            return network.Forward(Images(), NetworkMode.Train);
        }
    }
}
