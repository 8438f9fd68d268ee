using CurvatureActors.Training.Data;
using CurvatureActors.Training.Initialisation;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Sessions;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Models;

/// <summary>
/// Layer and group normalisation by torch's kernels: values and two derivatives against the same layer written from
/// primitives and against differences of gradients, in float64.
/// </summary>
public sealed class FusedNormalizationTests
{
    private const double H = 1e-5;

    private static readonly NetworkOptions Primitives = new(new ImageShape(1, 6, 6), Classes: 3, CPU, float64);
    private static readonly NetworkOptions Fused = Primitives with { FusedNormalization = true };

    /// <summary>Kind, shape of the input, and over what: the last dimensions, or the number of groups.</summary>
    public static TheoryData<string, long[], long> Layers => new()
    {
        { "layer", [3, 5, 6], 1 },
        { "layer", [4, 2, 3, 5], 3 },
        { "layer", [5, 7], 1 },
        { "group", [3, 12, 4, 5], 4 },
        { "group", [3, 12, 4, 5], 1 },
        { "group", [4, 6], 2 },
        { "group", [2, 8, 5], 4 },
    };

    [Theory]
    [MemberData(nameof(Layers))]
    public void Given_a_fused_layer_When_differentiated_twice_Then_values_and_derivatives_are_those_of_primitives_and_of_differences(
        string kind, long[] shape, long over)
    {
        ArgumentNullException.ThrowIfNull(shape);
        using DisposeScope scope = NewDisposeScope();
        using Layer fused = Create(kind, shape, over, Fused);
        using Layer primitive = Create(kind, shape, over, Primitives);
        foreach (NetworkMode mode in (NetworkMode[])[NetworkMode.Measure, NetworkMode.Train])
        {
            (double Value, double[] Gradient, double[] Product) expected = Derivatives(primitive, shape, mode);
            (double Value, double[] Gradient, double[] Product) actual = Derivatives(fused, shape, mode);
            Assert.Equal(expected.Value, actual.Value, 1e-13 * Math.Abs(expected.Value));
            AssertClose(expected.Gradient, actual.Gradient, 1e-12);
            AssertClose(expected.Product, actual.Product, 1e-12);

            // (g(p + H v) - g(p - H v)) / 2H is H v up to H^2 and rounding over H.
            double[] above = Derivatives(fused, shape, mode, H).Gradient;
            double[] below = Derivatives(fused, shape, mode, -H).Gradient;
            AssertClose([.. above.Zip(below, (a, b) => (a - b) / (2 * H))], actual.Product, 1e-7);
        }

        // The kernel was at work, in one and not in the other.
        Tensor input = Draw(shape, 3);
        Assert.NotEqual(Bits(primitive.Forward(input, NetworkMode.Measure)), Bits(fused.Forward(input, NetworkMode.Measure)));
        Assert.Equal(Bits(primitive.Forward(input, NetworkMode.Measure)), Bits(fused.Forward(input, NetworkMode.Primitive)));
    }

    [Theory]
    [InlineData("mlp", "layer")]
    [InlineData("cnn", "group")]
    public void Given_metainit_When_run_on_a_net_with_kernels_Then_the_weights_are_to_the_bit_those_of_primitives(string kind, string normalization)
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Equal(Initialised(kind, normalization, fused: false), Initialised(kind, normalization, fused: true));
    }

    private static double[] Initialised(string kind, string normalization, bool fused)
    {
        using Generator generator = new(3);
        ImageShape shape = new(1, 6, 6);
        using Network network = ModelRegistry.Create(
            Fixtures.Model(kind, normalization, "tanh", hidden: [5], channels: [2, 4]) with { FusedNormalization = fused },
            new NetworkOptions(shape, 3, CPU, float64),
            generator);
        MetaInit.Run(
            network,
            new MetaInitSpecification { Steps = 2, Rate = 0.1, Momentum = 0.9, BatchSize = 4, Epsilon = 1e-5 },
            shape, 3, LossRegistry.CrossEntropy, generator);
        return [.. network.Parameters.SelectMany(parameter => Bits(parameter.Value))];
    }

    private static Layer Create(string kind, long[] shape, long over, NetworkOptions options)
    {
        Layer layer = kind == "group"
            ? new GroupNormalization(shape[1], options, over)
            : new LayerNormalization(shape[^(int)over..], options);
        using IDisposable quiet = no_grad();
        for (int i = 0; i < layer.Parameters.Count; i++)
        {
            layer.Parameters[i].Value.copy_(Draw(layer.Parameters[i].Value.shape, 7 + i));
        }

        return layer;
    }

    /// <summary>A function that bends in all outputs, in input, weight and bias: its value, gradient, and Hessian times a vector v, at p + distance v.</summary>
    private static (double Value, double[] Gradient, double[] Product) Derivatives(
        Layer layer, long[] shape, NetworkMode mode, double distance = 0)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor input = Draw(shape, 1).requires_grad_();
        Tensor[] points = [input, .. layer.Parameters.Select(parameter => parameter.Value)];
        Tensor[] direction = [.. points.Select((point, i) => Draw(point.shape, 20 + i))];
        Move(points, direction, distance);
        Tensor output = layer.Forward(input, mode);
        Tensor value = (output.sin() * Draw(shape, 2)).sum();
        IList<Tensor> gradient = autograd.grad([value], points, retain_graph: true, create_graph: true);
        Tensor along = gradient.Zip(direction, (g, v) => (g * v).sum()).Aggregate((a, b) => a + b);
        IList<Tensor> product = autograd.grad([along], points);
        double[][] found = [[.. gradient.SelectMany(Bits)], [.. product.SelectMany(Bits)]];
        Move(points, direction, -distance);
        return (value.item<double>(), found[0], found[1]);
    }

    private static void Move(Tensor[] points, Tensor[] direction, double distance)
    {
        using IDisposable quiet = no_grad();
        using Scalar factor = distance.ToScalar();
        foreach ((Tensor point, Tensor along) in points.Zip(direction))
        {
            point.add_(along, factor);
        }
    }

    private static Tensor Draw(long[] shape, int seed)
    {
        using Generator generator = new((ulong)seed);
        return zeros(shape, float64).normal_(0.3, 1.5, generator);
    }

    private static double[] Bits(Tensor tensor) => tensor.detach().contiguous().data<double>().ToArray();

    private static void AssertClose(double[] expected, double[] actual, double tolerance)
    {
        double scale = expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance * scale));
    }
}
