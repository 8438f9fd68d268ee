using CurvatureActors.Training.Losses;
using CurvatureActors.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Models;

/// <summary>
/// The larger models' gradient, Hessian and third derivative in float64: along random directions of all parameters,
/// against central differences (of fourth order) of the derivative below. Third ones with normalisations from primitives.
/// </summary>
public class ModelDerivativeTests
{
    private const double H = 2.5e-4;

    public static TheoryData<string, string, bool> Models()
    {
        TheoryData<string, string, bool> data = [];
        foreach ((string kind, string variant) in ModelSamples.All)
        {
            data.Add(kind, variant, false);
            if (variant is "layer" or "group" or "extra" or "pre" or "post")
            {
                data.Add(kind, variant, true);
            }
        }

        data.Add("quadratic", "none", false);
        data.Add("uv", "none", false);
        return data;
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Given_a_model_When_differentiated_Then_each_order_is_the_difference_quotient_of_the_one_below(
        string kind, string variant, bool fused)
    {
        using Problem problem = new(kind, variant, fused);
        // The second derivative of a quadratic has no graph to differentiate.
        int highest = kind == "quadratic" ? 2 : 3;
        for (int order = 1; order <= highest; order++)
        {
            for (ulong seed = 1; seed <= 3; seed++)
            {
                (double derivative, double quotient) = problem.Compare(order, seed);

                // The quotient is off by H^4/30 of the fifth derivative from here, and by rounding over H.
                Assert.Equal(quotient, derivative, 1e-6 * Math.Max(1, Math.Abs(quotient)));
            }
        }
    }

    private sealed class Problem : IDisposable
    {
        private readonly DisposeScope _scope = NewDisposeScope();
        private readonly Network _network;
        private readonly FlatParameters _parameters;
        private readonly LossFunction _loss;
        private readonly Tensor _inputs;
        private readonly Tensor _targets;
        private readonly Tensor[] _direction;
        private NetworkMode _mode;

        public Problem(string kind, string variant, bool fused)
        {
            using Generator generator = new(11);
            _network = ModelSamples.Network(kind, variant, generator, fused);
            _parameters = new FlatParameters(_network);
            _loss = LossRegistry.Losses[ModelRegistry.Models[kind].Loss ?? "cross-entropy"];
            using (no_grad())
            {
                // Away from the special point of zero biases and unit normalisation weights.
                _parameters.Values.add_(zeros_like(_parameters.Values).normal_(0, 0.1, generator));
            }

            (_inputs, _targets) = ModelSamples.Batch(kind, generator);
            _direction = [.. _network.Parameters.Select(
                parameter => zeros(parameter.Value.shape, float64).normal_(0, 0.3, generator))];
        }

        /// <summary>
        /// The derivative along a fresh direction u of the (order - 1)-th derivative along the fixed one, by autograd and
        /// by a difference quotient.
        /// </summary>
        public (double Derivative, double Quotient) Compare(int order, ulong seed)
        {
            using DisposeScope scope = NewDisposeScope();
            _mode = order > 2 ? NetworkMode.Primitive : NetworkMode.Measure;
            using Generator generator = new(seed);
            Tensor u = zeros_like(_parameters.Values).normal_(0, 0.3, generator);
            Tensor below = Derivative(order - 1);
            IList<Tensor> gradient = autograd.grad([below], Parameters, retain_graph: true, create_graph: true);
            Tensor flat = cat([.. gradient.Select(g => g.reshape(-1))]);
            double derivative = flat.dot(u).item<double>();
            double near = At(u, H) - At(u, -H);
            double far = At(u, 2 * H) - At(u, -2 * H);
            return (derivative, ((8 * near) - far) / (12 * H));

            double At(Tensor direction, double distance)
            {
                Tensor middle = _parameters.Values.clone();
                Set(middle + (direction * distance));
                double value = Derivative(order - 1).item<double>();
                Set(middle);
                return value;
            }

            void Set(Tensor value)
            {
                using IDisposable noGrad = no_grad();
                _parameters.Values.copy_(value);
            }
        }

        public void Dispose()
        {
            _parameters.Dispose();
            _network.Dispose();
            _scope.Dispose();
        }

        private Tensor[] Parameters => [.. _network.Parameters.Select(parameter => parameter.Value)];

        // The derivative of this order along the fixed direction, as a scalar with a graph.
        private Tensor Derivative(int order)
        {
            Tensor value = _loss(_network.Forward(_inputs, _mode), _targets);
            for (int i = 0; i < order; i++)
            {
                IList<Tensor> gradient = autograd.grad([value], Parameters, retain_graph: true, create_graph: true);
                value = gradient.Zip(_direction, (g, v) => (g * v).sum()).Aggregate((a, b) => a + b);
            }

            return value;
        }
    }
}
