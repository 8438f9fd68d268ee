using CurvatureActors.Training.Data;
using CurvatureActors.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Models;

/// <summary>Normalisation, attention and recurrence against torch's own modules; what may depend on what.</summary>
public class SequenceLayerTests
{
    private static readonly NetworkOptions Options = new(new SequenceShape(5), Classes: 4, CPU, float64);

    [Theory]
    [InlineData(12, 3)]
    [InlineData(12, null)]
    [InlineData(5, null)]
    public void Given_a_feature_map_When_group_normalised_Then_it_is_torchs_group_norm(long channels, int? groups)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        using GroupNormalization layer = new(channels, Options, groups);
        Randomise(layer, generator);
        Tensor input = zeros([3, channels, 4, 5], float64).normal_(2, 3, generator);

        // Powers of 2 up to 8 with two channels or more each.
        using var module = nn.GroupNorm(groups ?? (channels == 12 ? 2 : 1), channels, dtype: float64);
        Copy(layer.Parameters[0].Value, module.weight!);
        Copy(layer.Parameters[1].Value, module.bias!);
        AssertClose(module.call(input), layer.Forward(input, NetworkMode.Train));
    }

    [Fact]
    public void Given_groups_that_do_not_divide_the_channels_When_created_Then_the_error_names_both() => Assert.Contains(
        "12 channels cannot be split into 5 equal groups.",
        Assert.Throws<ArgumentException>(() => new GroupNormalization(12, Options, 5)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Given_positions_When_layer_normalised_Then_it_is_torchs_layer_norm_over_the_features_of_each()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        using LayerNormalization layer = new([6], Options);
        Randomise(layer, generator);
        Tensor input = zeros([3, 5, 6], float64).normal_(2, 3, generator);
        using var module = nn.LayerNorm([6], dtype: float64);
        Copy(layer.Parameters[0].Value, module.weight!);
        Copy(layer.Parameters[1].Value, module.bias!);
        AssertClose(module.call(input), layer.Forward(input, NetworkMode.Train));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Given_positions_When_attended_Then_it_is_torchs_multihead_attention(bool causal)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        using Attention layer = new(6, 2, Options, causal ? 5 : null);
        Randomise(layer, generator);
        Dictionary<string, Tensor> own = layer.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value);
        using var module = nn.MultiheadAttention(6, 2);
        module.to(float64);
        Dictionary<string, Tensor> torchs = module.named_parameters().ToDictionary(item => item.name, item => (Tensor)item.parameter);
        Copy(cat([own["query.weight"], own["key.weight"], own["value.weight"]]), torchs["in_proj_weight"]);
        Copy(cat([own["query.bias"], own["key.bias"], own["value.bias"]]), torchs["in_proj_bias"]);
        Copy(own["output.weight"], torchs["out_proj.weight"]);
        Copy(own["output.bias"], torchs["out_proj.bias"]);

        // torch has the position first, and an additive mask.
        Tensor input = zeros([3, 5, 6], float64).normal_(0, 1, generator);
        Tensor? mask = causal ? full([5, 5], double.NegativeInfinity, float64).triu(1) : null;
        Tensor first = input.transpose(0, 1);
        Tensor expected = module.call(first, first, first, null, false, mask).Item1.transpose(0, 1);
        AssertClose(expected, layer.Forward(input, NetworkMode.Train));
    }

    [Fact]
    public void Given_heads_that_do_not_divide_the_width_When_created_Then_the_error_names_both() => Assert.Contains(
        "A width of 6 cannot be split into 4 equal heads.",
        Assert.Throws<ArgumentException>(() => new Attention(6, 4, Options)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Given_a_sequence_When_recurred_Then_it_is_torchs_lstm()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        using LongShortTermMemory layer = new(3, 4, Options);
        Randomise(layer, generator);
        using var module = nn.LSTM(3, 4, batchFirst: true, dtype: float64);
        Dictionary<string, Tensor> torchs = module.named_parameters().ToDictionary(item => item.name, item => (Tensor)item.parameter);
        Copy(layer.Parameters[0].Value, torchs["weight_ih_l0"]);
        Copy(layer.Parameters[1].Value, torchs["weight_hh_l0"]);

        // torch adds two biases.
        Copy(layer.Parameters[2].Value * 0.25, torchs["bias_ih_l0"]);
        Copy(layer.Parameters[2].Value * 0.75, torchs["bias_hh_l0"]);
        Tensor input = zeros([2, 5, 3], float64).normal_(0, 1, generator);
        AssertClose(module.call(input).Item1, layer.Forward(input, NetworkMode.Train));
    }

    [Theory]
    [InlineData("char-transformer", "none")]
    [InlineData("char-transformer", "pre")]
    [InlineData("char-transformer", "post")]
    [InlineData("lstm", "none")]
    [InlineData("lstm", "pre")]
    [InlineData("lstm", "post")]
    public void Given_another_symbol_at_t_When_forward_Then_outputs_before_t_are_the_same_and_those_from_t_are_not(
        string kind, string variant)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        using Network network = ModelSamples.Network(kind, variant, generator);
        long[] text = [0, 1, 2, 1];
        Tensor before = network.Forward(tensor(text, [1, 4]), NetworkMode.Measure);
        for (int t = 0; t < 4; t++)
        {
            long[] other = [.. text];
            other[t] = (text[t] + 1) % ModelSamples.Classes;
            Tensor difference = (network.Forward(tensor(other, [1, 4]), NetworkMode.Measure) - before).abs().amax([0, 1]);
            double[] change = difference.data<double>().ToArray();
            Assert.All(change[..t], value => Assert.Equal(0, value));
            Assert.All(change[t..], value => Assert.True(value > 1e-6, $"{value} at t = {t}"));
        }
    }

    [Fact]
    public void Given_an_image_When_cut_into_patches_Then_each_holds_its_square_channel_by_channel()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor image = arange(2 * 4 * 6, float32).view(1, 2, 4, 6);
        Tensor patches = new Patches(2).Forward(image, NetworkMode.Train);
        Assert.Equal([1, 6, 8], patches.shape);

        // Second row, third column: rows 2 and 3, columns 4 and 5 of both channels.
        Assert.Equal([16, 17, 22, 23, 40, 41, 46, 47], patches[0, 5].data<float>().ToArray());
    }

    private static void Randomise(Layer layer, Generator generator)
    {
        using IDisposable noGrad = no_grad();
        foreach (NamedTensor parameter in layer.Parameters)
        {
            parameter.Value.normal_(0, 1, generator);
        }
    }

    private static void Copy(Tensor from, Tensor to)
    {
        using IDisposable noGrad = no_grad();
        to.copy_(from);
    }

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.True((expected - actual).abs().max().item<double>() <= 1e-12, $"{expected.str()}\n{actual.str()}");
    }
}
