using CurvatureActors.Training.Data;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Optimizers;
using CurvatureActors.Training.Specification;
using CurvatureActors.Training.Tests.Sessions;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CurvatureActors.Training.Tests.Optimizers;

/// <summary>
/// Trajectories of 20 steps on the quadratic 1/2 sum a_i (w_i - c_i)^2, against torch.optim and against the published
/// formulas in double precision.
/// </summary>
public class OptimizerTests
{
    private const int Steps = 20;

    public static TheoryData<string, double> Kinds()
    {
        TheoryData<string, double> data = [];
        foreach (string kind in OptimizerRegistry.Optimizers.Names)
        {
            data.Add(kind, 0);
            data.Add(kind, 0.1);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Given_a_quadratic_When_stepping_Then_the_trajectory_is_that_of_torch(string kind, double weightDecay)
    {
        OptimizerSpecification specification = Fixtures.Optimizer(kind, weightDecay: weightDecay);
        using Problem problem = new();
        using Optimizer optimizer = OptimizerRegistry.Optimizers[kind].Create(specification, problem.Parameters);
        using Parameter reference = new(problem.Parameters.Values.clone());
        using optim.Optimizer torch = kind switch
        {
            "sgd" => optim.SGD([reference], 1, weight_decay: weightDecay),
            "heavy-ball" => optim.SGD([reference], 1, momentum: 0.9, weight_decay: weightDecay),
            "nesterov" => optim.SGD([reference], 1, momentum: 0.9, weight_decay: weightDecay, nesterov: true),
            "rmsprop" => optim.RMSProp([reference], 1, 0.99, 1e-8, weightDecay),
            "adam" => optim.Adam([reference], 1, 0.9, 0.99, 1e-8, weightDecay),
            _ => optim.AdamW([reference], 1, 0.9, 0.99, 1e-8, weightDecay),
        };
        for (int step = 0; step < Steps; step++)
        {
            double rate = Rate(step);
            problem.SetGradient(problem.Parameters.Values, problem.Parameters.Gradients);
            optimizer.Step(rate);

            using Tensor gradient = zeros_like(problem.Parameters.Gradients);
            problem.SetGradient(reference, gradient);
            reference.grad = gradient;
            foreach (optim.ILearningRateController group in torch.ParamGroups)
            {
                group.LearningRate = rate;
            }

            torch.step();
            float[] expected = reference.data<float>().ToArray();
            float[] actual = problem.Parameters.Values.data<float>().ToArray();
            Assert.All(actual.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-6f));
        }

        Assert.Equal(Steps, optimizer.Updates);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Given_a_quadratic_When_stepping_Then_the_trajectory_is_that_of_the_formulas(
        string kind, double weightDecay)
    {
        OptimizerSpecification specification = Fixtures.Optimizer(kind, weightDecay: weightDecay);
        using Problem problem = new();
        using Optimizer optimizer = OptimizerRegistry.Optimizers[kind].Create(specification, problem.Parameters);
        double[] w = [.. problem.Parameters.Values.data<float>().ToArray().Select(value => (double)value)];
        double[] m = new double[w.Length];
        double[] v = new double[w.Length];
        for (int step = 0; step < Steps; step++)
        {
            double rate = Rate(step);
            problem.SetGradient(problem.Parameters.Values, problem.Parameters.Gradients);
            optimizer.Step(rate);
            for (int i = 0; i < w.Length; i++)
            {
                double g = problem.A[i] * (w[i] - problem.C[i]);
                if (kind == "adamw")
                {
                    w[i] -= rate * weightDecay * w[i];
                }
                else
                {
                    g += weightDecay * w[i];
                }

                if (kind == "rmsprop")
                {
                    v[i] = (0.99 * v[i]) + (0.01 * g * g);
                    w[i] -= rate * g / (Math.Sqrt(v[i]) + 1e-8);
                }
                else if (kind is "adam" or "adamw")
                {
                    m[i] = (0.9 * m[i]) + (0.1 * g);
                    v[i] = (0.99 * v[i]) + (0.01 * g * g);
                    double mean = m[i] / (1 - Math.Pow(0.9, step + 1));
                    w[i] -= rate * mean / (Math.Sqrt(v[i] / (1 - Math.Pow(0.99, step + 1))) + 1e-8);
                }
                else
                {
                    m[i] = (kind == "sgd" ? 0 : 0.9 * m[i]) + g;
                    w[i] -= rate * (kind == "nesterov" ? g + (0.9 * m[i]) : m[i]);
                }
            }

            float[] actual = problem.Parameters.Values.data<float>().ToArray();
            Assert.All(actual.Zip(w), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
        }

        using Tensor? diagonal = OptimizerRegistry.Optimizers[kind].PreconditionerDiagonal?.Invoke(
            specification, name => optimizer.State.Single(state => state.Name == name).Value, optimizer.Updates);
        Assert.Equal(kind is "adam" or "adamw" or "rmsprop", diagonal is not null);
        if (diagonal is not null)
        {
            double correction = kind == "rmsprop" ? 1 : 1 - Math.Pow(0.99, Steps);
            Assert.All(
                diagonal.data<float>().ToArray().Zip(v),
                pair => Assert.Equal(Math.Sqrt(pair.Second / correction) + 1e-8, pair.First, 1e-6));
        }
    }

    [Theory]
    [InlineData("adam")]
    [InlineData("rmsprop")]
    public void Given_no_update_yet_When_asked_for_the_preconditioner_Then_there_is_none(string kind) =>
        Assert.Null(OptimizerRegistry.Optimizers[kind].PreconditionerDiagonal!(
            Fixtures.Optimizer(kind), _ => throw new InvalidOperationException(), 0));

    [Fact]
    public void Given_a_long_gradient_When_clipped_Then_its_norm_is_the_bound_and_a_short_one_is_left_alone()
    {
        using Problem problem = new();
        problem.SetGradient(problem.Parameters.Values, problem.Parameters.Gradients);
        double before = problem.Parameters.GradientNorm();
        double expected = Math.Sqrt(
            problem.Parameters.Gradients.data<float>().ToArray().Sum(value => (double)value * value));
        Assert.Equal(expected, before, 1e-6 * expected);
        Assert.False(problem.Parameters.ClipGradients(before, before * 1.01));
        Assert.Equal(before, problem.Parameters.GradientNorm());
        Assert.True(problem.Parameters.ClipGradients(before, before / 3));
        Assert.Equal(before / 3, problem.Parameters.GradientNorm(), 1e-6 * before);
    }

    // Varies, because some rules differ only when it does.
    private static double Rate(int step) => 0.03 * (1 + (0.5 * Math.Sin(step)));

    private sealed class Problem : IDisposable
    {
        private readonly Network _network;
        private readonly Tensor _a;
        private readonly Tensor _c;

        public Problem()
        {
            using Generator generator = new(5);
            _network = ModelRegistry.Create(
                Fixtures.Model("mlp", hidden: [4]),
                new NetworkOptions(new ImageShape(1, 3, 3), Classes: 5, CPU),
                generator);
            Parameters = new FlatParameters(_network);
            _a = zeros_like(Parameters.Values).uniform_(0.1, 2, generator);
            _c = zeros_like(Parameters.Values).normal_(0, 1, generator);
            A = [.. _a.data<float>().ToArray().Select(value => (double)value)];
            C = [.. _c.data<float>().ToArray().Select(value => (double)value)];
        }

        public FlatParameters Parameters { get; }

        public double[] A { get; }

        public double[] C { get; }

        public void SetGradient(Tensor at, Tensor gradient)
        {
            using IDisposable noGrad = no_grad();
            using Tensor difference = at - _c;
            using Tensor product = difference * _a;
            gradient.copy_(product);
        }

        public void Dispose()
        {
            Parameters.Dispose();
            _network.Dispose();
            _a.Dispose();
            _c.Dispose();
        }
    }
}
