using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using CurvatureActors.Training.Data;
using CurvatureActors.Training.Initialisation;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Models;
using CurvatureActors.Training.Tests.Sessions;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Initialisation;

public class MetaInitTests
{
    private const double Epsilon = 1e-5;

    private static readonly ImageShape Shape = new(1, 3, 3);

    private static MetaInitSpecification Constants(int steps, int batch = 16) => new()
    {
        Steps = steps,
        Rate = 0.1,
        Momentum = 0.9,
        BatchSize = batch,
        Epsilon = Epsilon,
    };

    [Theory]
    [InlineData("mlp", "none")]
    [InlineData("mlp", "layer")]
    [InlineData("mlp", "batch")]
    [InlineData("cnn", "group")]
    public void Given_a_small_net_When_the_quotient_is_taken_Then_it_is_that_of_finite_differences(string kind, string normalization)
    {
        using DisposeScope scope = NewDisposeScope();
        using Network network = Net(kind, normalization, scalarType: float64);
        (Tensor inputs, Tensor labels) = Batch(16);
        Tensor[] parameters = Values(network);
        double expected = QuotientByDifferences(network, inputs, labels);
        double actual = MetaInit.GradientQuotient(parameters, Loss(network, inputs, labels), Epsilon);
        Assert.Equal(expected, actual, 1e-5 * expected);
        Assert.All(parameters, parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void Given_one_step_When_made_Then_each_norm_moves_by_the_rate_against_the_slope_of_finite_differences()
    {
        using DisposeScope scope = NewDisposeScope();
        using Network network = Net("mlp", scalarType: float64);
        (Tensor inputs, Tensor labels) = Batch(16);
        Tensor[] before = [.. Values(network).Select(value => value.detach().clone())];
        int[] expected = [.. Values(network).Select(value => value.dim() < 2
            ? 0
            : -Math.Sign(QuotientWhenScaled(value, 1 + 1e-4) - QuotientWhenScaled(value, 1 - 1e-4)))];

        using Generator generator = new(5);
        MetaInit.Run(network, Constants(1), Shape, 5, LossRegistry.CrossEntropy, generator);
        foreach ((Tensor old, Tensor now, int sign) in before.Zip(Values(network), expected))
        {
            double norm = old.norm().item<double>();
            Tensor predicted = sign == 0 ? old : old * ((norm + (0.1 * sign)) / norm);
            Assert.Equal(0, (predicted - now.detach()).abs().max().item<double>(), 1e-12);
        }

        double QuotientWhenScaled(Tensor weight, double factor)
        {
            using Tensor saved = weight.detach().clone();
            using (no_grad())
            {
                weight.mul_(factor);
            }

            double quotient = QuotientByDifferences(network, inputs, labels);
            using (no_grad())
            {
                weight.copy_(saved);
            }

            return quotient;
        }
    }

    [Fact]
    public void Given_a_badly_scaled_deep_net_When_metainit_ran_Then_quotient_and_lambda1_have_fallen_and_only_scales_changed()
    {
        using DisposeScope scope = NewDisposeScope();
        using Network network = Net("mlp", hidden: [12, 12, 12, 12, 12], scale: 2, activation: "relu");
        (Tensor inputs, Tensor labels) = Batch(64, float32);
        Tensor[] before = [.. Values(network).Select(value => value.detach().clone())];
        double sharp = Lambda1();
        double quotient = MetaInit.GradientQuotient(Values(network), Loss(network, inputs, labels), Epsilon);
        List<InitialisationProgress> progress = [];
        using Generator generator = new(5);
        MetaInit.Run(network, Constants(60, 64), Shape, 5, LossRegistry.CrossEntropy, generator, progress.Add);

        double after = MetaInit.GradientQuotient(Values(network), Loss(network, inputs, labels), Epsilon);
        Assert.True(after < quotient / 10, $"{quotient} {after}");
        Assert.True(Lambda1() < sharp / 10, $"{sharp} {Lambda1()}");
        Assert.Equal(Enumerable.Range(1, 60), progress.Select(step => step.Step));
        Assert.All(progress, step => Assert.Equal(("metainit", 60), (step.Phase, step.Steps)));
        foreach ((Tensor old, Tensor now) in before.Zip(Values(network)))
        {
            Assert.Equal(1, old.dim() < 2 ? 1 : nn.functional.cosine_similarity(old.view(1, -1), now.detach().view(1, -1)).item<float>(), 1e-5);
            Assert.True(old.dim() >= 2 || old.Equals(now.detach()));
        }

        double Lambda1()
        {
            using HessianOperator hessian = new(Values(network), [new LossTerm(() => Loss(network, inputs, labels), 1)]);
            using EigenResult result = Lanczos.Largest(hessian, new LanczosOptions());
            return result.Lambda1;
        }
    }

    [Theory]
    [InlineData("wide-resnet", "batch")]
    [InlineData("transformer", "pre")]
    [InlineData("char-transformer", "none")]
    [InlineData("lstm", "post")]
    [InlineData("densenet", "none")]
    public void Given_any_model_When_metainit_runs_Then_nothing_is_left_behind_and_twice_is_the_same_bits(string kind, string variant)
    {
        float[][] results = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            using Generator initial = new(3);
            using Network network = ModelRegistry.Create(
                ModelSamples.Model(kind, variant), new NetworkOptions(ModelSamples.Shape(kind), ModelSamples.Classes, CPU), initial);
            using FlatParameters parameters = new(network);
            using Tensor buffers = network.Buffers.Count == 0 ? zeros(1) : network.Buffers[0].Value.clone();
            using Tensor start = parameters.Values.clone();
            parameters.Gradients.fill_(7);
            using Generator generator = new(5);
            MetaInit.Run(
                network, Constants(3, 4), ModelSamples.Shape(kind), ModelSamples.Classes, LossRegistry.CrossEntropy, generator);
            Assert.True(network.Buffers.Count == 0 || network.Buffers[0].Value.Equals(buffers));
            Assert.All(parameters.Tensors, parameter => Assert.Equal(7, parameter.Value.grad!.flatten()[0].item<float>()));
            Assert.Equal(7 * parameters.Count, parameters.Gradients.sum().item<float>());
            Assert.False(parameters.Values.Equals(start));
            Assert.True(parameters.Values.isfinite().all().item<bool>());
            return parameters.Values.data<float>().ToArray();
        })];
        Assert.Equal(results[0], results[1]);
    }

    [Fact]
    public void Given_a_zero_tensor_When_metainit_runs_Then_it_stays_zero()
    {
        using Network network = Net("mlp", scale: 1e-30);
        using (no_grad())
        {
            _ = network.Parameters[0].Value.zero_();
        }

        using Generator generator = new(5);
        MetaInit.Run(network, Constants(3), Shape, 5, LossRegistry.CrossEntropy, generator);
        Assert.Equal(0, network.Parameters[0].Value.abs().max().item<float>());
        Assert.All(network.Parameters, parameter => Assert.True(parameter.Value.isfinite().all().item<bool>()));
    }

    [Fact]
    public void Given_a_model_without_matrices_When_built_with_metainit_Then_the_error_says_so()
    {
        ModelSpecification model = ModelSamples.Model("quadratic", "none") with
        {
            Initialisation = new() { Kind = "he", MetaInit = Constants(1) },
        };
        Assert.Equal(
            "curvature.init.phase is \"metainit\", which scales weight matrices; the model quadratic has none.",
            Assert.Throws<ArgumentException>(() => ModelRegistry.Build(model, new NetworkOptions(new VectorShape(3), 2, CPU))).Message);
    }

    // First derivatives by one backward pass each, everything above by differences, arithmetic in this process.
    private static double QuotientByDifferences(Network network, Tensor inputs, Tensor labels)
    {
        double[] gradient = Gradient();
        double step = 1e-5 / Math.Sqrt(gradient.Sum(value => value * value));
        Shift(step);
        double[] above = Gradient();
        Shift(-2 * step);
        double[] below = Gradient();
        Shift(step);
        return gradient.Select((g, i) =>
        {
            double product = (above[i] - below[i]) / (2 * step);
            return Math.Abs(((g - product) / (g + (g >= 0 ? Epsilon : -Epsilon))) - 1);
        }).Average();

        double[] Gradient()
        {
            using DisposeScope scope = NewDisposeScope();
            foreach (Tensor value in Values(network))
            {
                value.grad = null;
            }

            Loss(network, inputs, labels).backward();
            double[] result = [.. Values(network).SelectMany(value => value.grad!.data<double>().ToArray())];
            foreach (Tensor value in Values(network))
            {
                value.grad = null;
            }

            return result;
        }

        void Shift(double length)
        {
            using IDisposable noGrad = no_grad();
            int offset = 0;
            foreach (Tensor value in Values(network))
            {
                int count = (int)value.numel();
                value.add_(tensor(gradient[offset..(offset + count)]).view(value.shape) * length);
                offset += count;
            }
        }
    }

    private static Tensor Loss(Network network, Tensor inputs, Tensor labels) =>
        LossRegistry.CrossEntropy(network.Forward(inputs, NetworkMode.Measure), labels);

    private static Tensor[] Values(Network network) => [.. network.Parameters.Select(parameter => parameter.Value)];

    private static Network Net(
        string kind, string normalization = "none", int[]? hidden = null, double scale = 1,
        ScalarType scalarType = ScalarType.Float32, string activation = "tanh")
    {
        using Generator generator = new(3);
        return ModelRegistry.Create(
            Fixtures.Model(kind, normalization, activation, hidden: hidden ?? [4, 3], channels: [2]) with { InitScale = scale },
            new NetworkOptions(Shape, Classes: 5, CPU, scalarType),
            generator);
    }

    // What MetaInit's first step draws from the same seed.
    private static (Tensor Inputs, Tensor Labels) Batch(int count, ScalarType scalarType = ScalarType.Float64)
    {
        using Generator generator = new(5);
        return (
            empty([count, 1, 3, 3], scalarType).normal_(0, 1, generator),
            randint(0, 5, [count], int64, generator: generator));
    }
}
