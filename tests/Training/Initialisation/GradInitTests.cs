using CurvatureActors.Training.Data;
using CurvatureActors.Training.Initialisation;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Sessions;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Initialisation;

public class GradInitTests
{
    private static readonly ImageDataSet Train = Fixtures.Images(96, 1);

    private static GradInitSpecification Constants(int steps, double rate = 0.02, double minimum = 0.01) => new()
    {
        Steps = steps,
        Rate = rate,
        StepSize = 0.1,
        MaximumGradientNorm = 1,
        BatchSize = 32,
        MinimumScale = minimum,
        ClipNorm = 1,
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Given_a_badly_scaled_net_When_gradinit_ran_Then_the_gradient_is_bounded_and_a_first_step_lowers_the_loss_further(bool bySign)
    {
        using Network network = Net(scale: 2);
        using DisposeScope scope = NewDisposeScope();
        Tensor[] before = [.. Values(network).Select(value => value.detach().clone())];
        double steep = Gradient(network).Norm;
        double lost = LossAfterStep(network, bySign);
        List<InitialisationProgress> progress = [];
        IReadOnlyList<double> scales = GradInit.Run(
            network, Constants(120), Train, LossRegistry.CrossEntropy, bySign, seed: 4, progress.Add);

        Assert.True(steep > 3, $"{steep}");
        Assert.True(Gradient(network).Norm < 1.3, $"{Gradient(network).Norm}");
        Assert.True(LossAfterStep(network, bySign) < lost / 2);
        Assert.All(scales, scale => Assert.True(scale >= 0.01));
        foreach ((Tensor old, Tensor now, double scale) in before.Zip(Values(network), scales))
        {
            Assert.Equal(0, (now.detach() - (old * scale)).abs().max().item<float>(), 1e-6f);
        }

        Assert.Equal(Enumerable.Range(1, 120), progress.Select(step => step.Step));
        Assert.Equal(("gradinit", 120), (progress[0].Phase, progress[0].Steps));
        Assert.All(Values(network), value => Assert.Null(value.grad));
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(0.3, false)]
    [InlineData(0.3, true)]
    public void Given_one_step_When_made_Then_each_scale_moves_by_the_rate_against_the_slope_of_finite_differences(
        double initScale, bool bySign)
    {
        // Adam's first step has the length of its rate whatever the slope. All in float64.
        const double Rate = 0.01;
        using DisposeScope scope = NewDisposeScope();
        using Network network = Net(initScale, float64);
        long[] drawn = new long[48];
        new BatchSampler(96, 48, seed: 4).Next(drawn);
        Tensor[] origins = [.. Values(network).Select(value => value.detach().clone())];
        (double norm, double[][] gradients) = Gradient(network, drawn[..32]);
        Assert.Equal(initScale > 1, norm > 1);
        double[] slopes = [.. origins.Select((origin, i) => (Objective(i, 1 + 1e-5) - Objective(i, 1 - 1e-5)) / 2e-5)];
        IReadOnlyList<double> scales = GradInit.Run(
            network, Constants(1, Rate), Train, LossRegistry.CrossEntropy, bySign, seed: 4);
        Assert.Contains(scales, scale => scale != 1);
        for (int i = 0; i < scales.Count; i++)
        {
            bool zero = origins[i].abs().max().item<double>() == 0;
            Assert.Equal(zero ? 1 : 1 - (Rate * Math.Sign(slopes[i])), scales[i], 1e-5);
        }

        double Objective(int index, double factor)
        {
            using IDisposable noGrad = no_grad();
            Tensor parameter = Values(network)[index];
            parameter.copy_(origins[index] * factor);
            double value;
            if (norm > 1)
            {
                value = Gradient(network, drawn[..32]).Norm;
            }
            else
            {
                Shift(network, gradients, -0.1, bySign, norm);
                value = Loss(network, drawn[16..]).item<double>();
            }

            foreach ((Tensor current, Tensor origin) in Values(network).Zip(origins))
            {
                current.copy_(origin);
            }

            return value;
        }
    }

    [Fact]
    public void Given_a_minimum_scale_When_reached_Then_no_scale_is_smaller()
    {
        using Network network = Net(scale: 4);
        IReadOnlyList<double> scales = GradInit.Run(
            network, Constants(20, rate: 0.2, minimum: 0.75), Train, LossRegistry.CrossEntropy, bySign: false, seed: 4);
        Assert.Contains(0.75, scales);
        Assert.All(scales, scale => Assert.True(scale >= 0.75));
    }

    [Fact]
    public void Given_a_seed_When_run_twice_Then_the_same_bits_and_another_seed_gives_others()
    {
        double[] one = Run(4), same = Run(4), other = Run(5);
        Assert.Equal(one, same);
        Assert.NotEqual(one, other);

        static double[] Run(int seed)
        {
            using Network network = Net(scale: 2);
            return [.. GradInit.Run(network, Constants(5), Train, LossRegistry.CrossEntropy, bySign: false, seed)];
        }
    }

    [Fact]
    public void Given_weights_whose_gradient_is_not_finite_When_run_Then_they_are_left_alone()
    {
        using Network network = Net(scale: 1e30);
        using Tensor before = Values(network)[0].detach().clone();
        IReadOnlyList<double> scales = GradInit.Run(
            network, Constants(2), Train, LossRegistry.CrossEntropy, bySign: false, seed: 4);
        Assert.All(scales, scale => Assert.Equal(1, scale));
        Assert.True(Values(network)[0].detach().Equals(before));
    }

    [Fact]
    public void Given_too_few_examples_When_run_Then_the_error_names_the_key_and_both_numbers()
    {
        using Network network = Net(scale: 1);
        using ImageDataSet few = Fixtures.Images(47, 1);
        Assert.Equal(
            "curvature.init.gradinit.batch-size is 32; an iteration draws one and a half times as many examples, and there are 47.",
            Assert.Throws<ArgumentException>(() => GradInit.Run(
                network, Constants(1), few, LossRegistry.CrossEntropy, bySign: false, seed: 4)).Message);
    }

    private static Network Net(double scale, ScalarType scalarType = ScalarType.Float32)
    {
        using Generator generator = new(3);
        return ModelRegistry.Create(
            Fixtures.Model("mlp", hidden: [8, 8, 8]) with { InitScale = scale },
            new NetworkOptions(Train.Shape, Train.Classes, CPU, scalarType),
            generator);
    }

    private static Tensor[] Values(Network network) => [.. network.Parameters.Select(parameter => parameter.Value)];

    private static Tensor Loss(Network network, long[] examples)
    {
        (Tensor inputs, Tensor labels) = Train.Batch(examples);
        return LossRegistry.CrossEntropy(
            network.Forward(inputs.to(network.Parameters[0].Value.dtype), NetworkMode.Measure), labels);
    }

    private static (double Norm, double[][] Gradients) Gradient(Network network, long[]? examples = null)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable grad = enable_grad();
        Loss(network, examples ?? All).backward();
        double[][] gradients =
            [.. Values(network).Select(value => value.grad!.to_type(float64).data<double>().ToArray())];
        foreach (Tensor value in Values(network))
        {
            value.grad = null;
        }

        return (Math.Sqrt(gradients.Sum(part => part.Sum(element => element * element))), gradients);
    }

    private static double LossAfterStep(Network network, bool bySign)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor[] saved = [.. Values(network).Select(value => value.clone())];
        (double norm, double[][] gradients) = Gradient(network);
        Shift(network, gradients, -0.1, bySign, norm);
        double loss = Loss(network, All).item<float>();
        foreach ((Tensor current, Tensor origin) in Values(network).Zip(saved))
        {
            current.copy_(origin);
        }

        return loss;
    }

    private static long[] All => [.. Enumerable.Range(0, Train.Count).Select(i => (long)i)];

    private static void Shift(Network network, double[][] gradients, double length, bool bySign, double norm)
    {
        foreach ((Tensor value, double[] gradient) in Values(network).Zip(gradients))
        {
            double[] step = [.. gradient.Select(element => length * (bySign ? Math.Sign(element) : element / norm))];
            value.add_(tensor(step).view(value.shape).to_type(value.dtype));
        }
    }
}
