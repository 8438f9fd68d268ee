using CurvatureActors.Training.Data;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Models;
using CurvatureActors.Training.Tests.Sessions;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Initialisation;

public class InitialisationKindTests
{
    [Theory]
    // Of a convolution 3 -> 32, one 32 -> 64 (3x3), a layer 1024 -> 300 and a classifier 300 -> 10.
    [InlineData("he", 2.0 / 27, 2.0 / 288, 2.0 / 1024, 2.0 / 300)]
    [InlineData("lecun", 1.0 / 27, 1.0 / 288, 1.0 / 1024, 1.0 / 300)]
    [InlineData("xavier", 2.0 / (27 + 288), 2.0 / (288 + 576), 2.0 / (1024 + 300), 2.0 / (300 + 10))]
    [InlineData("orthogonal", 2.0 / 32, 2.0 / 288, 2.0 / 1024, 2.0 / 300)]
    public void Given_an_initialisation_When_drawn_Then_the_variances_are_the_closed_form_within_sampling_error(
        string kind, double first, double second, double hidden, double classifier)
    {
        using Network network = Cnn(new() { Kind = kind });
        double[] expected = [first, second, hidden, classifier];
        NamedTensor[] weights = [.. network.Parameters.Where(parameter => parameter.Value.dim() >= 2)];
        for (int i = 0; i < expected.Length; i++)
        {
            // Five standard errors of a normal's variance; orthonormal matrices vary less.
            double[] squares = [.. weights[i].Value.data<float>().ToArray().Select(value => (double)value * value)];
            Assert.Equal(1, squares.Average() / expected[i], 5 * Math.Sqrt(2.0 / squares.Length));
        }

        Assert.All(
            network.Parameters.Where(parameter => parameter.Value.dim() < 2),
            bias => Assert.All(bias.Value.data<float>().ToArray(), value => Assert.Equal(0, value)));
    }

    [Fact]
    public void Given_no_initialisation_When_drawn_Then_the_bits_are_those_of_normal_numbers_in_declaration_order()
    {
        using Network network = Cnn(null);
        using Generator generator = new(7);
        foreach ((NamedTensor weight, double fanIn) in network.Parameters
            .Where(parameter => parameter.Value.dim() >= 2).Zip((double[])[27, 288, 1024, 300]))
        {
            using Tensor drawn = empty(weight.Value.shape).normal_(0, Math.Sqrt(2 / fanIn), generator);
            Assert.Equal(drawn.data<float>().ToArray(), weight.Value.data<float>().ToArray());
        }
    }

    [Theory]
    [InlineData("convolutions.0.weight", 2.0, true)]
    [InlineData("convolutions.1.weight", 2.0, false)]
    [InlineData("hidden.0.weight", 2.0, false)]
    [InlineData("classifier.weight", 2.0, false)]
    public void Given_orthogonal_When_drawn_Then_the_shorter_side_is_orthonormal_times_the_gain(
        string name, double gainSquared, bool tall)
    {
        using Network network = Cnn(new() { Kind = "orthogonal" });
        using DisposeScope scope = NewDisposeScope();
        Tensor weight = network.Parameters.Single(parameter => parameter.Name == name).Value.detach();
        Tensor matrix = weight.to_type(float64).view(weight.shape[0], -1);
        Assert.Equal(tall, matrix.shape[0] > matrix.shape[1]);
        Tensor gram = tall ? matrix.t().mm(matrix) : matrix.mm(matrix.t());
        double distance = (gram - (eye(gram.shape[0], dtype: float64) * gainSquared)).abs().max().item<double>();
        Assert.Equal(0, distance, 1e-5);
    }

    [Fact]
    public void Given_scales_of_layer_kinds_When_drawn_Then_each_weight_is_its_unscaled_self_times_the_factor()
    {
        using Network plain = Cnn(null);
        using Network scaled = Cnn(new()
        {
            Kind = "he",
            Scales = new() { Convolution = 2, Linear = 0.5, Embedding = 16, Classifier = 4 },
        });
        double[] factors = [2, 1, 2, 1, 0.5, 1, 4, 1];
        foreach ((NamedTensor one, NamedTensor other, double factor) in plain.Parameters.Zip(scaled.Parameters, factors))
        {
            Assert.Equal(
                one.Value.data<float>().ToArray().Select(value => (float)(factor * value)),
                other.Value.data<float>().ToArray());
        }
    }

    [Fact]
    public void Given_a_scale_of_embeddings_When_a_transformer_is_drawn_Then_symbols_and_positions_have_it()
    {
        ModelSpecification model = ModelSamples.Model("char-transformer", "pre");
        using Network plain = Create(model, ModelSamples.Shape("char-transformer"));
        using Network scaled = Create(
            model with
            {
                Initialisation = new()
                {
                    Kind = "he",
                    Scales = new() { Convolution = 1, Linear = 1, Embedding = 3, Classifier = 1 },
                },
            },
            ModelSamples.Shape("char-transformer"));
        string[] changed = [.. plain.Parameters.Zip(scaled.Parameters)
            .Where(pair => !pair.First.Value.Equals(pair.Second.Value))
            .Select(pair => pair.First.Name)];
        Assert.Equal(["embedding.weight", "positions.weight"], changed);
    }

    [Fact]
    public void Given_an_unknown_initialisation_When_built_Then_the_message_lists_those_there_are()
    {
        string message = Assert.Throws<ArgumentException>(() => Cnn(new() { Kind = "kaiming" })).Message;
        Assert.Equal(
            "There is no initialisation \"kaiming\"; allowed are he, lecun, xavier, orthogonal, fixup.", message);
    }

    private static Network Cnn(InitialisationSpecification? initialisation) => Create(
        Fixtures.Model(channels: [32, 64], hidden: [300]) with { Initialisation = initialisation },
        new ImageShape(3, 16, 16));

    private static Network Create(ModelSpecification model, ExampleShape shape)
    {
        using Generator generator = new(7);
        return ModelRegistry.Create(model, new NetworkOptions(shape, Classes: 10, CPU), generator);
    }
}
