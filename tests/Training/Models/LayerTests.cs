using CurvatureActors.Training.Data;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Tests.Sessions;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Models;

public class LayerTests
{
    private static readonly NetworkOptions Options = new(new ImageShape(1, 6, 6), Classes: 5, CPU);

    [Fact]
    public void Given_a_feature_map_When_layer_normalised_Then_it_is_torchs_layer_norm()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        using LayerNormalization layer = new([3, 4, 5], Options);
        Randomise(layer, generator);
        Tensor input = zeros(7, 3, 4, 5).normal_(2, 3, generator);
        Tensor expected = nn.functional.layer_norm(
            input, [3, 4, 5], layer.Parameters[0].Value, layer.Parameters[1].Value, 1e-5);
        AssertClose(expected, layer.Forward(input, NetworkMode.Train), 2e-6);
    }

    [Fact]
    public void Given_a_feature_map_When_batch_normalised_Then_statistics_are_those_of_the_mode()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        using BatchNormalization layer = new(3, Options);
        Randomise(layer, generator);
        Tensor weight = layer.Parameters[0].Value.view(1, 3, 1, 1);
        Tensor bias = layer.Parameters[1].Value.view(1, 3, 1, 1);
        Tensor input = zeros(7, 3, 4, 5).normal_(2, 3, generator);
        Tensor mean = input.mean([0, 2, 3], keepdim: true);
        Tensor square = (input - mean).square();
        Tensor expected = ((input - mean) / (square.mean([0, 2, 3], keepdim: true) + 1e-5).sqrt() * weight) + bias;

        AssertClose(expected, layer.Forward(input, NetworkMode.Measure), 2e-6);
        AssertClose(zeros(3), layer.Buffers[0].Value, 0);
        AssertClose(ones(3), layer.Buffers[1].Value, 0);

        AssertClose(expected, layer.Forward(input, NetworkMode.Train), 2e-6);
        Tensor runningMean = 0.1 * mean.flatten();
        Tensor runningVariance = 0.9 + (0.1 * square.sum([0, 2, 3]) / ((7 * 4 * 5) - 1));
        AssertClose(runningMean, layer.Buffers[0].Value, 1e-6);
        AssertClose(runningVariance, layer.Buffers[1].Value, 1e-5);

        Tensor evaluated = ((input - runningMean.view(1, 3, 1, 1))
            / (runningVariance.view(1, 3, 1, 1) + 1e-5).sqrt() * weight) + bias;
        AssertClose(evaluated, layer.Forward(input, NetworkMode.Evaluate), 1e-5);
        AssertClose(runningMean, layer.Buffers[0].Value, 1e-6);
    }

    [Fact]
    public void Given_dropout_When_training_Then_the_share_and_scale_are_right_and_the_generator_decides()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        using Dropout layer = new(0.3, generator);
        Tensor input = ones(100, 1000);
        Tensor start = generator.get_state();
        Tensor first = layer.Forward(input, NetworkMode.Train);
        Tensor second = layer.Forward(input, NetworkMode.Train);
        generator.set_state(start);
        Tensor again = layer.Forward(input, NetworkMode.Train);
        float[] values = [.. first.data<float>().ToArray().Distinct().Order()];
        Assert.Equal(2, values.Length);
        Assert.Equal(0, values[0]);
        Assert.Equal(1 / 0.7, values[1], 1e-6);

        // Five standard errors of 100 000 draws.
        Assert.Equal(0.3, first.eq(0).sum().item<long>() / 1e5, 5 * Math.Sqrt(0.3 * 0.7 / 1e5));
        Assert.True(first.Equals(again));
        Assert.False(first.Equals(second));
        Assert.True(input.Equals(layer.Forward(input, NetworkMode.Evaluate)));
        Assert.True(input.Equals(layer.Forward(input, NetworkMode.Measure)));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.0)]
    [InlineData(double.NaN)]
    public void Given_an_impossible_dropout_When_created_Then_the_error_names_it(double probability) =>
        Assert.Contains(
            $"{probability}",
            Assert.Throws<ArgumentException>(() => new Dropout(probability, null)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Given_a_cnn_When_built_Then_names_order_and_shapes_are_stable()
    {
        using Network network = ModelRegistry.Build(Fixtures.Model(normalization: "layer"), Options);
        Assert.Equal(
            [
                "convolutions.0.weight 3,1,3,3", "convolutions.0.bias 3",
                "convolutions.0.normalization.weight 3,3,3", "convolutions.0.normalization.bias 3,3,3",
                "convolutions.1.weight 4,3,3,3", "convolutions.1.bias 4",
                "convolutions.1.normalization.weight 4,2,2", "convolutions.1.normalization.bias 4,2,2",
                "hidden.0.weight 7,16", "hidden.0.bias 7",
                "hidden.0.normalization.weight 7", "hidden.0.normalization.bias 7",
                "classifier.weight 5,7", "classifier.bias 5",
            ],
            network.Parameters.Select(parameter => $"{parameter.Name} {string.Join(',', parameter.Value.shape)}"));
        using Tensor logits = network.Forward(zeros(2, 1, 6, 6), NetworkMode.Evaluate);
        Assert.Equal([2, 5], logits.shape);
    }

    [Fact]
    public void Given_batch_normalisation_When_built_Then_the_biases_it_cancels_are_left_out()
    {
        using Network network = ModelRegistry.Build(Fixtures.Model("mlp", "batch"), Options);
        Assert.Equal(
            [
                "hidden.0.weight", "hidden.0.normalization.weight", "hidden.0.normalization.bias",
                "classifier.weight", "classifier.bias",
            ],
            network.Parameters.Select(parameter => parameter.Name));
        Assert.Equal(
            ["hidden.0.normalization.running_mean", "hidden.0.normalization.running_var"],
            network.Buffers.Select(buffer => buffer.Name));
    }

    [Fact]
    public void Given_a_window_and_a_stride_When_pooled_Then_each_value_is_the_mean_of_its_window()
    {
        using var scope = NewDisposeScope();
        using AveragePool overlapping = new(2, stride: 1);
        using AveragePool halving = new();
        Tensor input = arange(1, 10, float32).reshape(1, 1, 3, 3);
        AssertClose(tensor((float[])[3, 4, 6, 7]).reshape(1, 1, 2, 2), overlapping.Forward(input, NetworkMode.Train), 1e-6);
        AssertClose(tensor((float[])[3]).reshape(1, 1, 1, 1), halving.Forward(input, NetworkMode.Train), 1e-6);
    }

    private static void Randomise(Layer layer, Generator generator)
    {
        using IDisposable noGrad = no_grad();
        foreach (NamedTensor parameter in layer.Parameters)
        {
            parameter.Value.normal_(0, 1, generator);
        }
    }

    private static void AssertClose(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.True((expected - actual).abs().max().item<float>() <= tolerance, $"{expected.str()}\n{actual.str()}");
    }
}
