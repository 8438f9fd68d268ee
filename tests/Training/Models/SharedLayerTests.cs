using CurvatureActors.Training.Data;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Optimizers;
using CurvatureActors.Training.Tests.Sessions;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Models;

/// <summary>A layer, or a tensor, in two places of a network: one parameter, which trains.</summary>
public sealed class SharedLayerTests
{
    private static readonly NetworkOptions Options = new(new VectorShape(1), Classes: 2, CPU, ScalarType.Float64);

    // w (w x + b) + b has the derivatives 2 w x + b in w and w + 1 in b.
    [Fact]
    public void Given_a_layer_that_comes_twice_then_it_counts_once_and_a_step_moves_it_by_the_sum_of_both_places()
    {
        using DisposeScope scope = NewDisposeScope();
        var layer = new FullyConnected(1, 1, bias: true, Options);
        using Network network = new([("first", layer), ("again", layer)]);
        using FlatParameters parameters = new(network);
        using (no_grad())
        {
            parameters.Values.copy_(tensor(new[] { 3.0, 0.5 }));
        }

        Assert.Equal(["first.weight", "first.bias"], network.Parameters.Select(parameter => parameter.Name));
        Assert.Equal(2, parameters.Count);

        network.Forward(tensor(new double[,] { { 2 } }), NetworkMode.Train).sum().backward();
        Assert.Equal([2 * 3 * 2.0 + 0.5, 3 + 1.0], parameters.Gradients.data<double>().ToArray());
        Assert.Equal(Math.Sqrt(12.5 * 12.5 + 16), parameters.GradientNorm(), 1e-12);

        using var optimizer = new StochasticGradientDescent(Fixtures.Optimizer(), parameters);
        optimizer.Step(0.1);
        (double w, double b) = (3 - 0.1 * 12.5, 0.5 - 0.1 * 4);
        Assert.Equal(w * (w * 2 + b) + b, network.Forward(tensor(new double[,] { { 2 } }), NetworkMode.Train).item<double>(), 1e-12);
    }

    [Fact]
    public void Given_a_layer_that_comes_again_inside_another_then_it_counts_once_too()
    {
        var layer = new FullyConnected(1, 1, bias: false, Options);
        using Network network = new([("block", new Chain(("a", layer), ("b", layer))), ("last", layer)]);

        Assert.Equal(["block.a.weight"], network.Parameters.Select(parameter => parameter.Name));
    }

    [Fact]
    public void Given_another_tensor_over_the_same_memory_then_it_is_refused_by_both_names()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor table = zeros(4, 2).requires_grad_();
        using var one = new Held(table);
        using var other = new Held(table.detach().narrow(0, 1, 2).requires_grad_());

        string message = Assert.Throws<ArgumentException>(() => new Network([("table", one), ("rows", other)])).Message;

        Assert.Contains("\"table.value\"", message, StringComparison.Ordinal);
        Assert.Contains("\"rows.value\"", message, StringComparison.Ordinal);
    }

    private sealed class Held(Tensor value) : Layer
    {
        public override IReadOnlyList<NamedTensor> Parameters => [new("value", value)];

        public override Tensor Forward(Tensor input, NetworkMode mode) => input;
    }
}
