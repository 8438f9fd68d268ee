using CurvatureActors.Training.Data;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Sessions;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Models;

/// <summary>Output shapes, names, and parameter counts by closed form.</summary>
public class ModelShapeTests
{
    private static readonly ImageShape Grey = new(1, 28, 28);
    private static readonly ImageShape Colour = new(3, 32, 32);

    // Counts of the authors' architecture as they are published (with batch normalisation, 10 classes).
    [Theory]
    [InlineData(16, 4, 2_748_890)]
    [InlineData(40, 2, 2_243_546)]
    public void Given_batch_normalisation_When_a_wide_resnet_is_built_Then_it_has_the_published_number_of_parameters(
        int depth, int widthFactor, long expected)
    {
        using Network network = WideResNet("batch", ModelSamples.WideResNet(depth, widthFactor), Colour);
        Assert.Equal(expected, Count(network));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("batch")]
    [InlineData("group")]
    public void Given_a_normalisation_When_a_wide_resnet_10_2_is_built_Then_the_count_is_that_of_the_formula(string normalization)
    {
        using Network network = WideResNet(normalization, ModelSamples.WideResNet(10, 2), Grey);
        long[] widths = [16, 32, 64, 128];
        bool plain = normalization == "none";
        long expected = (9 * 16) + Bias(16) + Norm(128) + (128 * 10) + 10;
        for (int group = 1; group <= 3; group++)
        {
            (long from, long to) = (widths[group - 1], widths[group]);
            expected += Norm(from) + (9 * from * to) + Norm(to) + (9 * to * to) + (from * to) + (3 * Bias(to));
        }

        Assert.Equal(expected, Count(network));

        long Bias(long channels) => plain ? channels : 0;

        long Norm(long channels) => plain ? 0 : 2 * channels;
    }

    [Fact]
    public void Given_strides_and_an_extra_norm_When_a_wide_resnet_is_built_Then_names_tell_the_place_of_each_tensor()
    {
        using Network network = WideResNet(
            "group", ModelSamples.WideResNet(16, 1, 8, "batch") with { Strides = [1, 1, 1] }, Grey);
        Assert.Equal(
            [
                "groups.1.blocks.0.normalizations.0.weight 8", "groups.1.blocks.0.normalizations.0.bias 8",
                "groups.1.blocks.0.convolutions.0.weight 16,8,3,3",
                "groups.1.blocks.0.normalizations.1.weight 16", "groups.1.blocks.0.normalizations.1.bias 16",
                "groups.1.blocks.0.convolutions.1.weight 16,16,3,3", "groups.1.blocks.0.shortcut.weight 16,8,1,1",
                "groups.1.blocks.0.addition.normalization.weight 16", "groups.1.blocks.0.addition.normalization.bias 16",
            ],
            network.Parameters.Where(parameter => parameter.Name.StartsWith("groups.1.blocks.0.", StringComparison.Ordinal))
                .Select(parameter => $"{parameter.Name} {string.Join(',', parameter.Value.shape)}"));
        Assert.Equal(
            ["groups.0.blocks.0.addition.normalization.running_mean", "groups.0.blocks.0.addition.normalization.running_var"],
            network.Buffers.Take(2).Select(buffer => buffer.Name));

        // Equal channels and stride 1: the skip is the identity.
        Assert.DoesNotContain(network.Parameters, parameter =>
            parameter.Name.StartsWith("groups.0.blocks.0.shortcut", StringComparison.Ordinal));
        Assert.Equal(
            network.Parameters.Count, network.Parameters.Select(parameter => parameter.Name).Distinct().Count());
    }

    // 28 x 28 pictures: the last maps are 7 x 7 with stride 2 in the last group, 14 x 14 with stride 1.
    [Theory]
    [InlineData(2, null, 1)]
    [InlineData(1, null, 1)]
    [InlineData(2, 7, 1)]
    [InlineData(1, 7, 8 * 8)]
    [InlineData(1, 14, 1)]
    [InlineData(2, 3, 5 * 5)]
    public void Given_a_fixed_window_When_a_wide_resnet_is_built_Then_the_fan_in_of_the_classifier_grows_with_the_last_map(
        int lastStride, int? window, int positions)
    {
        using var scope = NewDisposeScope();
        using Network network = WideResNet(
            "batch", ModelSamples.WideResNet(10, 1, 4) with { Strides = [1, 2, lastStride], Pool = window }, Grey);
        Assert.Equal([10, 16 * positions], network.Parameters.Single(parameter => parameter.Name == "classifier.weight").Value.shape);
        Assert.Equal([2, 10], network.Forward(zeros(2, 1, 28, 28), NetworkMode.Evaluate).shape);
    }

    [Theory]
    [InlineData(0, "curvature.model.wide-resnet.pool is 0; it must be at least 1.")]
    [InlineData(8, "curvature.model.wide-resnet.pool is 8; the last maps are 7 x 7, allowed are global and whole numbers from 1 to 7.")]
    public void Given_a_window_that_does_not_fit_When_built_Then_the_error_names_it(int window, string message) => Assert.Equal(
        message,
        Assert.Throws<ArgumentException>(() => WideResNet("none", ModelSamples.WideResNet(10, 1, 4) with { Pool = window }, Grey)).Message);

    [Fact]
    public void Given_a_deep_cnn_When_built_Then_the_count_is_that_of_the_formula()
    {
        using Network network = Build(
            Fixtures.Model("deep-cnn", "group") with { DeepCnn = new() { Depth = 6, Width = 8 } }, Grey);
        long[] widths = [1, 8, 8, 16, 16, 32, 32];
        long expected = (32 * 10) + 10;
        for (int i = 1; i < widths.Length; i++)
        {
            expected += (9 * widths[i - 1] * widths[i]) + (3 * widths[i]);
        }

        Assert.Equal(expected, Count(network));
    }

    [Fact]
    public void Given_a_densenet_When_built_Then_the_count_is_that_of_the_formula()
    {
        const int Growth = 6;
        const int Layers = 3;
        using Network network = Build(
            Fixtures.Model("densenet", "batch") with { DenseNet = new() { GrowthRate = Growth, BlockLayers = Layers } }, Grey);
        long channels = 2 * Growth;
        long expected = 9 * channels;
        for (int block = 0; block < 3; block++)
        {
            for (int i = 0; i < Layers; i++, channels += Growth)
            {
                expected += (2 * channels) + (9 * channels * Growth);
            }

            if (block < 2)
            {
                expected += (2 * channels) + (channels * (channels / 2));
                channels /= 2;
            }
        }

        Assert.Equal(expected + (2 * channels) + (10 * channels) + 10, Count(network));
    }

    [Theory]
    [InlineData("none", "pre")]
    [InlineData("layer", "pre")]
    [InlineData("layer", "post")]
    public void Given_transformers_When_built_Then_the_counts_are_those_of_the_formula(string normalization, string position)
    {
        const int Width = 12;
        TransformerSpecification shape = ModelSamples.Transformer(position, Width, heads: 3, depth: 2, ratio: 4);
        long norms = normalization == "none" ? 0 : position == "pre" ? 5 : 4;
        long blocks = (2 * ((4 * ((Width * Width) + Width)) + (8 * Width * Width) + (5 * Width))) + (norms * 2 * Width);
        using Network image = Build(
            Fixtures.Model("transformer", normalization) with { Transformer = shape with { PatchSize = 7 } }, Colour with { Height = 28, Width = 28 });
        Assert.Equal((3 * 49 * Width) + Width + (16 * Width) + blocks + (10 * Width) + 10, Count(image));

        using Network text = Build(
            Fixtures.Model("char-transformer", normalization) with { Transformer = shape }, new SequenceShape(9));
        Assert.Equal((10 * Width) + (9 * Width) + blocks + (10 * Width) + 10, Count(text));
    }

    [Fact]
    public void Given_an_lstm_When_built_Then_the_count_is_that_of_the_formula_and_forget_gates_start_open()
    {
        using Network network = Build(
            Fixtures.Model("lstm", "layer") with { Lstm = new() { Depth = 2, Width = 6, NormalizationPosition = "pre" } },
            new SequenceShape(5));
        Assert.Equal((10 * 6) + (2 * ((2 * 6) + (4 * ((6 * 6) + (6 * 6) + 6)))) + (10 * 6) + 10, Count(network));
        Assert.Equal(
            [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            network.Parameters.Single(parameter => parameter.Name == "layers.0.bias").Value.data<float>().ToArray());
    }

    public static TheoryData<string, string> Models()
    {
        TheoryData<string, string> data = [];
        foreach ((string kind, string variant) in ModelSamples.All)
        {
            data.Add(kind, variant);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Given_a_batch_When_forward_Then_there_is_one_logit_for_each_class_of_each_target(string kind, string variant)
    {
        using var scope = NewDisposeScope();
        using Generator generator = new(1);
        using Network network = ModelSamples.Network(kind, variant, generator);
        (Tensor inputs, Tensor targets) = ModelSamples.Batch(kind, generator);
        foreach (NetworkMode mode in Enum.GetValues<NetworkMode>())
        {
            Tensor logits = network.Forward(inputs, mode);
            Assert.Equal([4, ModelSamples.Classes, .. targets.shape[1..]], logits.shape);
        }
    }

    [Theory]
    [InlineData("wide-resnet")]
    [InlineData("deep-cnn")]
    [InlineData("densenet")]
    [InlineData("transformer")]
    public void Given_grey_and_colour_images_When_forward_Then_both_work(string kind)
    {
        using var scope = NewDisposeScope();
        foreach (ImageShape shape in (ImageShape[])[Grey, Colour])
        {
            using Network network = Build(ModelSamples.Model(kind, "none"), shape);
            Tensor logits = network.Forward(zeros(2, shape.Channels, shape.Height, shape.Width), NetworkMode.Evaluate);
            Assert.Equal([2, 10], logits.shape);
        }
    }

    [Theory]
    [InlineData("lstm", "This model takes texts; the data set has images.")]
    [InlineData("char-transformer", "This model takes texts; the data set has images.")]
    [InlineData("quadratic", "This model takes vectors; the data set has images.")]
    [InlineData("uv", "This model takes vectors; the data set has images.")]
    public void Given_examples_of_another_kind_When_built_Then_the_error_names_both(string kind, string message) =>
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => Build(ModelSamples.Model(kind, "none"), Grey)).Message);

    [Fact]
    public void Given_a_model_without_its_section_When_built_Then_the_error_names_the_section() => Assert.Equal(
        "curvature.model.lstm is missing; this model is described by it.",
        Assert.Throws<ArgumentException>(() => Build(Fixtures.Model("lstm"), new SequenceShape(3))).Message);

    private static Network WideResNet(string normalization, WideResNetSpecification shape, ImageShape images) =>
        Build(Fixtures.Model("wide-resnet", normalization) with { WideResNet = shape }, images);

    private static Network Build(ModelSpecification model, ExampleShape shape) =>
        ModelRegistry.Build(model, new NetworkOptions(shape, Classes: 10, CPU));

    private static long Count(Network network) => network.Parameters.Sum(parameter => parameter.Value.numel());
}
