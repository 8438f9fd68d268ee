using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Hessian.Tests.Operators;

public sealed class HessianOperatorTests : IDisposable
{
    private static readonly LanczosOptions Tight = new() { Tolerance = 1e-11, MaximumProducts = 300 };

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Given_a_linear_model_with_squared_error_then_the_hessian_is_two_xtx_over_n()
    {
        Tensor x = Oracles.Random(1, 30, 6);
        Tensor y = Oracles.Random(2, 30);
        Tensor w = Oracles.Parameter(Oracles.Random(3, 6));
        using var hessian = new HessianOperator([w], [new LossTerm(() => functional.mse_loss(x.mv(w), y))]);

        Tensor expected = x.t().mm(x) * (2.0 / 30);

        Assert.True(Oracles.Difference(expected, Oracles.Dense(hessian)) < 1e-13);
        Assert.Equal(Oracles.Spectrum(expected)[0], Lanczos.Largest(hessian, Tight).Lambda1, 1e-12);
        Tensor gradient = x.t().mv(x.mv(w) - y) * (2.0 / 30);
        Assert.True(Oracles.Difference(gradient, hessian.Gradient()) < 1e-13);
        Assert.Equal(((x.mv(w) - y) * (x.mv(w) - y)).mean().item<double>(), hessian.Loss, 1e-13);
    }

    [Fact]
    public void Given_softmax_regression_at_zero_then_lambda1_is_that_of_the_data_over_the_classes()
    {
        const int Classes = 7;
        Tensor x = cat([Oracles.Random(4, 40, 5), ones(40, 1, dtype: ScalarType.Float64)], 1);
        Tensor labels = arange(40) % Classes;
        Tensor weights = zeros(6, Classes, dtype: ScalarType.Float64, requires_grad: true);
        using var hessian = new HessianOperator(
            [weights], [new LossTerm(() => functional.cross_entropy(x.mm(weights), labels))]);

        double expected = Oracles.Spectrum(x.t().mm(x) / 40)[0] / Classes;
        double trace = Oracles.Dense(hessian).diagonal().sum().item<double>();

        Assert.Equal(expected, Lanczos.Largest(hessian, Tight).Lambda1, 1e-12);
        Assert.Equal((1 - 1.0 / Classes) * (x * x).sum(1).mean().item<double>(), trace, 1e-12);
    }

    [Fact]
    public void Given_a_product_of_two_numbers_at_its_target_then_the_eigenvalues_are_zero_and_the_sum_of_squares()
    {
        Tensor u = Oracles.Parameter(tensor(3.0));
        Tensor v = Oracles.Parameter(tensor(-2.0));
        using var hessian = new HessianOperator([u, v], [new LossTerm(() => 0.5 * (u * v + 6).pow(2))]);

        using EigenResult result = Lanczos.Largest(hessian, Tight with { Count = 2 });

        Assert.Equal(13, result.Values[0], 1e-12);
        Assert.Equal(0, result.Values[1], 1e-12);
    }

    [Fact]
    public void Given_a_small_mlp_then_all_eigenvalues_agree_with_differenced_gradients()
    {
        Tensor x = Oracles.Random(5, 12, 4);
        Tensor labels = arange(12) % 3;
        using var net = Sequential(Linear(4, 6), Tanh(), Linear(6, 3));

        AgreesWithDifferences(net, () => functional.cross_entropy(net.forward(x), labels));
    }

    [Fact]
    public void Given_a_small_convolutional_net_then_all_eigenvalues_agree_with_differenced_gradients()
    {
        Tensor x = Oracles.Random(6, 5, 1, 6, 6);
        Tensor labels = arange(5) % 3;
        using var net = Sequential(Conv2d(1, 3, 3, padding: 1), Softplus(), AvgPool2d(2), Flatten(), Linear(27, 3));

        AgreesWithDifferences(net, () => functional.cross_entropy(net.forward(x), labels));
    }

    [Fact]
    public void Given_a_net_in_float32_then_lambda1_is_that_of_float64_to_five_digits()
    {
        Tensor x = Oracles.Random(5, 12, 4);
        Tensor labels = arange(12) % 3;
        using var net = Sequential(Linear(4, 6), Tanh(), Linear(6, 3));
        Fill(net);
        using var wide = Of(net, () => functional.cross_entropy(net.forward(x), labels));
        double expected = Oracles.Spectrum(Oracles.Dense(wide))[0];

        using var single = Sequential(Linear(4, 6), Tanh(), Linear(6, 3));
        Fill(single);
        single.to(ScalarType.Float32);
        Tensor x32 = x.to(ScalarType.Float32);
        using var narrow = Of(single, () => functional.cross_entropy(single.forward(x32), labels));

        Assert.Equal(ScalarType.Float32, narrow.ScalarType);
        Assert.Equal(expected, Lanczos.Largest(narrow, new LanczosOptions { Tolerance = 1e-5 }).Lambda1, expected * 1e-5);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public void Given_unequal_batches_weighted_by_their_examples_then_the_product_is_that_of_the_whole(int first)
    {
        Tensor x = Oracles.Random(7, 5, 4);
        Tensor labels = arange(5) % 3;
        using var net = Sequential(Linear(4, 5), Tanh(), Linear(5, 3));
        Fill(net);
        LossTerm Batch(int from, int count) => new(
            () => functional.cross_entropy(net.forward(x.narrow(0, from, count)), labels.narrow(0, from, count)), count / 5.0);
        Tensor[] parameters = [.. net.parameters()];

        using var whole = new HessianOperator(parameters, [Batch(0, 5)]);
        using var parts = new HessianOperator(parameters, [Batch(0, first), Batch(first, 5 - first)]);

        Assert.True(Oracles.Difference(Oracles.Dense(whole), Oracles.Dense(parts)) < 1e-12);
        Assert.True(Oracles.Difference(whole.Gradient(), parts.Gradient()) < 1e-12);
        Assert.Equal(whole.Loss, parts.Loss, 1e-12);
        Assert.Equal(Lanczos.Largest(whole, Tight).Lambda1, Lanczos.Largest(parts, Tight).Lambda1, 1e-12);
    }

    [Fact]
    public void Given_the_same_vector_twice_then_every_bit_of_the_product_is_the_same()
    {
        Tensor x = Oracles.Random(8, 9, 4);
        using var net = Sequential(Linear(4, 5), Tanh(), Linear(5, 1));
        Fill(net);
        using var hessian = Of(net, () => net.forward(x).pow(2).mean());
        Tensor vector = Oracles.Random(9, hessian.Size);

        Assert.True(hessian.Apply(vector).equal(hessian.Apply(vector)).all().item<bool>());
    }

    [Fact]
    public void Given_gradients_that_training_has_left_then_they_and_the_parameters_are_the_same_afterwards()
    {
        Tensor x = Oracles.Random(10, 9, 4);
        using var net = Sequential(Linear(4, 5), Tanh(), Linear(5, 1));
        Fill(net);
        Tensor[] parameters = [.. net.parameters()];
        parameters[0].grad = Oracles.Random(11, parameters[0].shape);
        parameters[1].grad = null;
        using Tensor held = parameters[0].grad!;
        Tensor[] before = [.. parameters.Select(parameter => parameter.detach().clone()), held.clone()];

        using (var hessian = Of(net, () => net.forward(x).pow(2).mean()))
        {
            using Tensor product = hessian.Apply(Oracles.Random(12, hessian.Size));
            Assert.True(linalg.vector_norm(product).item<double>() > 0);
        }

        for (int i = 0; i < parameters.Length; i++)
        {
            Assert.True(parameters[i].equal(before[i]).all().item<bool>());
        }

        Assert.Null(parameters[1].grad);
        Assert.True(parameters[0].grad!.equal(before[^1]).all().item<bool>());

        // The same tensor, not a copy: a change through the reference held from before shows.
        held.zero_();
        Assert.Equal(0, parameters[0].grad!.abs().sum().item<double>());
    }

    [Fact]
    public void Given_a_loss_linear_in_the_parameters_then_the_product_is_zero()
    {
        Tensor w = Oracles.Parameter(Oracles.Random(13, 4));
        Tensor c = Oracles.Random(14, 4);
        using var hessian = new HessianOperator([w], [new LossTerm(() => w.dot(c))]);

        using EigenResult result = Lanczos.Largest(hessian);

        Assert.True(Oracles.Difference(hessian.Gradient(), c) == 0);
        Assert.True(result.Converged);
        Assert.Equal(0, result.Lambda1);
    }

    [Fact]
    public void Given_parameters_that_are_unused_or_enter_linearly_then_their_part_of_the_product_is_zero()
    {
        Tensor quadratic = Oracles.Parameter(Oracles.Random(15, 3));
        Tensor linear = Oracles.Parameter(Oracles.Random(16, 2));
        Tensor unused = Oracles.Parameter(Oracles.Random(17, 4));
        using var hessian = new HessianOperator(
            [linear, unused, quadratic],
            [new LossTerm(() => quadratic.pow(2).sum() + linear.sum()), new LossTerm(() => linear.mean(), 3)]);

        Tensor expected = diag(tensor(new double[] { 0, 0, 0, 0, 0, 0, 2, 2, 2 }));

        Assert.True(Oracles.Difference(expected, Oracles.Dense(hessian)) == 0);
        Assert.Equal([2.5, 2.5, 0, 0, 0, 0], Oracles.Numbers(hessian.Gradient())[..6]);
    }

    [Fact]
    public void Given_a_loss_that_needs_no_gradient_then_the_product_is_zero()
    {
        Tensor w = Oracles.Parameter(Oracles.Random(18, 4));
        using var hessian = new HessianOperator([w], [new LossTerm(() => tensor(2.5)), new LossTerm(() => w.detach().sum())]);

        Assert.Equal([0, 0, 0, 0], Oracles.Numbers(hessian.Apply(ones(4, dtype: ScalarType.Float64))));
        Assert.Equal([0, 0, 0, 0], Oracles.Numbers(hessian.Gradient()));
    }

    [Fact]
    public void Given_parameters_changed_in_place_after_the_graph_then_an_error_arrives_and_gradients_are_given_back()
    {
        Tensor w = Oracles.Parameter(Oracles.Random(19, 4));
        w.grad = ones(4, dtype: ScalarType.Float64);
        using var hessian = new HessianOperator([w], [new LossTerm(() => w.pow(4).sum())]);
        using (no_grad())
        {
            w.add_(1);
        }

        Assert.Contains("modified by an inplace operation", Assert.Throws<InvalidOperationException>(
            () => hessian.Apply(ones(4, dtype: ScalarType.Float64))).Message);
        Assert.Equal([1, 1, 1, 1], Oracles.Numbers(w.grad!));
    }

    [Fact]
    public void Given_a_no_grad_around_it_then_the_products_are_the_same()
    {
        Tensor w = Oracles.Parameter(Oracles.Random(20, 3));
        using (no_grad())
        {
            using var hessian = new HessianOperator([w], [new LossTerm(() => w.pow(2).sum())]);
            Assert.Equal([2, 2, 2], Oracles.Numbers(hessian.Apply(ones(3, dtype: ScalarType.Float64))));
        }
    }

    [Fact]
    public void Given_a_disposed_operator_then_native_memory_of_the_graph_is_gone()
    {
        Tensor w = Oracles.Parameter(Oracles.Random(21, 8));
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 3; i++)
        {
            using var hessian = new HessianOperator([w], [new LossTerm(() => w.pow(3).sum()), new LossTerm(() => w.sum())]);
            using EigenResult result = Lanczos.Largest(hessian, new LanczosOptions { Count = 2, ReturnVectors = true });
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Null(w.grad);
    }

    [Fact]
    public void Given_arguments_that_cannot_work_then_the_error_names_them()
    {
        Tensor w = Oracles.Parameter(Oracles.Random(22, 3));
        Tensor single = Oracles.Parameter(Oracles.Random(22, 3).to(ScalarType.Float32));
        LossTerm term = new(() => w.pow(2).sum());

        Assert.Contains("no parameters", Assert.Throws<ArgumentException>(() => new HessianOperator([], [term])).Message);
        Assert.Contains("no loss terms", Assert.Throws<ArgumentException>(() => new HessianOperator([w], [])).Message);
        Assert.Contains("parameters[1]", Assert.Throws<ArgumentException>(() => new HessianOperator([w, w.detach()], [term])).Message);
        Assert.Contains("parameters[0]", Assert.Throws<ArgumentException>(() => new HessianOperator([w * 2], [term])).Message);
        Assert.Contains("Float32", Assert.Throws<ArgumentException>(() => new HessianOperator([w, single], [term])).Message);
        Assert.Contains("twice", Assert.Throws<ArgumentException>(() => new HessianOperator([w, w], [term])).Message);
        Assert.Contains("terms[0]", Assert.Throws<ArgumentException>(() => new HessianOperator([w], [term with { Weight = double.NaN }])).Message);
        Assert.Contains("[3]", Assert.Throws<ArgumentException>(() => new HessianOperator([w], [new LossTerm(() => w * 2)])).Message);

        using var hessian = new HessianOperator([w], [term]);
        Assert.Contains("[4]", Assert.Throws<ArgumentException>(() => hessian.Apply(ones(4, dtype: ScalarType.Float64))).Message);
        Assert.Contains("Float32", Assert.Throws<ArgumentException>(() => hessian.Apply(ones(3))).Message);
        hessian.Dispose();
        Assert.Throws<ObjectDisposedException>(() => hessian.Apply(ones(3, dtype: ScalarType.Float64)));
    }

    private static HessianOperator Of(Module net, Func<Tensor> loss) => new([.. net.parameters()], [new LossTerm(loss)]);

    private static void Fill(Module net)
    {
        net.to(ScalarType.Float64);
        ulong seed = 100;
        using (no_grad())
        {
            foreach (Tensor parameter in net.parameters())
            {
                using Tensor values = Oracles.Random(seed++, parameter.shape);
                parameter.copy_(values * 0.5);
            }
        }
    }

    private static void AgreesWithDifferences(Module net, Func<Tensor> loss)
    {
        Fill(net);
        Tensor[] parameters = [.. net.parameters()];
        double[] expected = Oracles.Spectrum(Oracles.DifferencedHessian(parameters, loss));
        using HessianOperator hessian = Of(net, loss);
        Tensor dense = Oracles.Dense(hessian);

        double[] columns = Oracles.Spectrum(dense);
        Assert.True(Oracles.Difference(dense, dense.t()) < 1e-12);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], columns[i], 1e-9);
        }

        using EigenResult result = Lanczos.Largest(hessian, Tight with { Count = 3 });
        Assert.True(result.Converged);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(expected[i], result.Values[i], 1e-9);
        }
    }
}
