using CurvatureActors.Training.Data;
using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Tests.Sessions;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Models;

/// <summary>First, second and third derivatives of small networks in float64 against central differences.</summary>
public class DerivativeTests
{
    private const double H = 1e-5;

    public static TheoryData<string, string, string, string> Networks()
    {
        TheoryData<string, string, string, string> data = [];
        foreach (string kind in (string[])["mlp", "cnn"])
        {
            foreach (string normalization in (string[])["none", "batch", "layer"])
            {
                data.Add(kind, normalization, "tanh", "cross-entropy");
                data.Add(kind, normalization, "gelu", "mse");
                data.Add(kind, normalization, "relu", "cross-entropy");
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Given_a_network_When_differentiated_Then_each_gradient_element_is_the_difference_quotient(
        string kind, string normalization, string activation, string loss)
    {
        using Problem problem = new(kind, normalization, activation, loss);
        double[] gradient = problem.Gradient();
        double[] training = problem.Gradient(NetworkMode.Train);
        for (int i = 0; i < gradient.Length; i++)
        {
            double quotient = problem.Around(i, () => problem.Loss());
            Assert.Equal(quotient, gradient[i], 1e-8);
            Assert.Equal(quotient, training[i], 1e-8);
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Given_a_network_When_differentiated_twice_Then_each_element_of_Hv_is_the_difference_quotient(
        string kind, string normalization, string activation, string loss)
    {
        using Problem problem = new(kind, normalization, activation, loss);
        double[] product = problem.HessianProduct();
        for (int i = 0; i < product.Length; i++)
        {
            // H is symmetric: (H v)_i is the derivative of g'v along parameter i.
            double quotient = problem.Around(i, () => problem.DirectionalDerivative());
            Assert.Equal(quotient, product[i], 1e-7);
        }
    }

    [Theory]
    [InlineData("mlp", "layer")]
    [InlineData("cnn", "layer")]
    [InlineData("mlp", "batch")]
    [InlineData("cnn", "batch")]
    public void Given_a_normalised_network_When_differentiated_thrice_Then_the_elements_are_the_difference_quotients(
        string kind, string normalization)
    {
        using Problem problem = new(kind, normalization, "tanh", "cross-entropy");
        double[] third = problem.ThirdDerivative();
        for (int i = 0; i < third.Length; i++)
        {
            double quotient = problem.Around(i, () => problem.SecondDirectionalDerivative());
            Assert.Equal(quotient, third[i], 1e-6 * Math.Max(1, Math.Abs(quotient)));
        }
    }

    private sealed class Problem : IDisposable
    {
        private readonly DisposeScope _scope = NewDisposeScope();
        private readonly Network _network;
        private readonly FlatParameters _parameters;
        private readonly LossFunction _loss;
        private readonly Tensor _images;
        private readonly Tensor _labels;
        private readonly Tensor[] _direction;

        public Problem(string kind, string normalization, string activation, string loss)
        {
            using Generator generator = new(11);
            _network = ModelRegistry.Create(
                Fixtures.Model(kind, normalization, activation, hidden: [4], channels: [2, 3]),
                new NetworkOptions(new ImageShape(1, 5, 5), Classes: 3, CPU, float64),
                generator);
            _parameters = new FlatParameters(_network);
            _loss = LossRegistry.Losses[loss];
            using (no_grad())
            {
                // Away from the special point of zero biases and unit normalisation weights.
                _parameters.Values.add_(zeros_like(_parameters.Values).normal_(0, 0.1, generator));
            }

            _images = zeros([6, 1, 5, 5], float64).normal_(0, 1, generator);
            _labels = tensor((long[])[0, 1, 2, 2, 1, 0]);
            _direction = [.. _network.Parameters.Select(
                parameter => zeros(parameter.Value.shape, float64).normal_(0, 1, generator))];
        }

        private Tensor[] Parameters => [.. _network.Parameters.Select(parameter => parameter.Value)];

        public double Loss()
        {
            using DisposeScope scope = NewDisposeScope();
            return Evaluate().item<double>();
        }

        public double[] Gradient(NetworkMode mode = NetworkMode.Measure)
        {
            using DisposeScope scope = NewDisposeScope();
            _parameters.Gradients.zero_();
            Evaluate(mode).backward();
            return _parameters.Gradients.data<double>().ToArray();
        }

        public double DirectionalDerivative()
        {
            using DisposeScope scope = NewDisposeScope();
            return Derivative(1).item<double>();
        }

        public double[] HessianProduct()
        {
            using DisposeScope scope = NewDisposeScope();
            return Flat(autograd.grad([Derivative(1)], Parameters, retain_graph: true, create_graph: true));
        }

        public double SecondDirectionalDerivative()
        {
            using DisposeScope scope = NewDisposeScope();
            return Derivative(2).item<double>();
        }

        public double[] ThirdDerivative()
        {
            using DisposeScope scope = NewDisposeScope();
            return Flat(autograd.grad([Derivative(2)], Parameters, retain_graph: true, create_graph: true));
        }

        public double Around(int i, Func<double> function)
        {
            double middle = _parameters.Values[i].item<double>();
            Set(middle + H);
            double above = function();
            Set(middle - H);
            double below = function();
            Set(middle);
            return (above - below) / (2 * H);

            void Set(double value)
            {
                using IDisposable noGrad = no_grad();
                _parameters.Values[i] = value;
            }
        }

        public void Dispose()
        {
            _parameters.Dispose();
            _network.Dispose();
            _scope.Dispose();
        }

        private Tensor Evaluate(NetworkMode mode = NetworkMode.Measure) => _loss(_network.Forward(_images, mode), _labels);

        // The derivative of this order along the direction, as a scalar with a graph.
        private Tensor Derivative(int order)
        {
            Tensor value = Evaluate();
            for (int i = 0; i < order; i++)
            {
                IList<Tensor> gradient = autograd.grad([value], Parameters, retain_graph: true, create_graph: true);
                value = gradient.Zip(_direction, (g, v) => (g * v).sum()).Aggregate((a, b) => a + b);
            }

            return value;
        }

        private static double[] Flat(IEnumerable<Tensor> tensors) =>
            [.. tensors.SelectMany(tensor => tensor.contiguous().data<double>().ToArray())];
    }
}
