using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Hessian.Tests.Operators;

public sealed class GaussNewtonOperatorTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string, string> Cases => ArchitectureTests.Cases;

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Given_a_net_then_every_entry_agrees_with_a_dense_jacobian_and_output_hessian(string kind, string loss)
    {
        Nets net = Nets.Of(kind);
        Tensor expected = Dense(net, loss);
        using var operators = new GaussNewtonOperator(
            net.Parameters, [new OutputTerm(() => net.Forward(net.Inputs), Closed(loss))]);

        Tensor dense = Oracles.Dense(operators);
        double scale = expected.abs().max().item<double>();

        Assert.True(Oracles.Difference(dense, dense.t()) < 1e-13 * scale);
        Assert.True(Oracles.Difference(expected, dense) < 1e-9 * scale, $"off by {Oracles.Difference(expected, dense) / scale:g3}");
        Assert.True(Oracles.Spectrum(dense)[^1] > -1e-12 * scale);
        Assert.Equal(Oracles.Spectrum(expected)[0], Lanczos.Largest(operators, new LanczosOptions { Tolerance = 1e-10 }).Lambda1, 1e-9 * scale);
        Tensor vectors = Oracles.Random(1, 3, operators.Size);
        Assert.True(Oracles.Difference(vectors.mm(dense), operators.ApplyBlock(vectors)) < 1e-12 * scale);
        Assert.True(net.Parameters.All(parameter => parameter.grad is null));
    }

    [Theory]
    [InlineData("mse")]
    [InlineData("cross-entropy")]
    public void Given_a_model_linear_in_its_parameters_then_it_is_the_hessian(string loss)
    {
        Tensor x = Oracles.Random(2, 7, 4);
        Tensor targets = Oracles.Random(3, 7, 3);
        Tensor w = Oracles.Parameter(Oracles.Random(4, 3, 4));
        Tensor b = Oracles.Parameter(Oracles.Random(5, 3));
        Tensor Outputs() => functional.linear(x, w, b);
        using var gaussNewton = new GaussNewtonOperator([w, b], [new OutputTerm(Outputs, Closed(loss), 0.7)]);
        using var hessian = new HessianOperator(
            [w, b],
            [new LossTerm(() => loss == "mse" ? functional.mse_loss(Outputs(), targets) : functional.cross_entropy(Outputs(), arange(7) % 3), 0.7)]);

        Assert.True(Oracles.Difference(Oracles.Dense(hessian), Oracles.Dense(gaussNewton)) < 1e-14);
    }

    [Theory]
    [InlineData(Reduction.Mean)]
    [InlineData(Reduction.Sum)]
    public void Given_unequal_batches_then_they_sum_to_the_full_batch_kept_or_rebuilt(Reduction reduction)
    {
        Nets net = Nets.Of("cnn");
        OutputTerm Batch(int from, int count) => new(
            () => net.Forward(net.Inputs.narrow(0, from, count)), OutputHessians.CrossEntropy(reduction),
            reduction == Reduction.Mean ? count / 5.0 : 0.2)
        { GraphBytes = 10 };
        using var whole = new GaussNewtonOperator(net.Parameters, [Batch(0, 5)]);
        using var parts = new GaussNewtonOperator(net.Parameters, [Batch(0, 1), Batch(1, 4)]);
        using var rebuilt = new GaussNewtonOperator(net.Parameters, [Batch(0, 1), Batch(1, 4)], new OperatorOptions { GraphMemory = 10 });
        Tensor dense = Oracles.Dense(parts);

        Assert.True(Oracles.Difference(Oracles.Dense(whole), dense) < 1e-13);
        Assert.Equal((1, 1), (rebuilt.KeptTerms, rebuilt.RebuiltTerms));
        Assert.True(dense.equal(Oracles.Dense(rebuilt)).all().item<bool>());
    }

    [Fact]
    public void Given_positions_beside_the_classes_then_cross_entropy_is_over_dimension_one()
    {
        Tensor x = Oracles.Random(6, 2, 4, 5);
        Tensor w = Oracles.Parameter(Oracles.Random(7, 3, 4));
        Tensor Outputs() => einsum("ck,nkp->ncp", w, x);
        using var gaussNewton = new GaussNewtonOperator([w], [new OutputTerm(Outputs, OutputHessians.CrossEntropy())]);
        using var hessian = new HessianOperator(
            [w], [new LossTerm(() => functional.cross_entropy(Outputs(), (arange(10) % 3).view(2, 5)))]);

        Assert.True(Oracles.Difference(Oracles.Dense(hessian), Oracles.Dense(gaussNewton)) < 1e-14);
    }

    [Fact]
    public void Given_outputs_or_parameters_without_a_gradient_then_their_part_is_zero_and_nothing_aborts()
    {
        Tensor w = Oracles.Parameter(Oracles.Random(8, 3));
        Tensor unused = Oracles.Parameter(Oracles.Random(9, 2));
        using var none = new GaussNewtonOperator([w], [new OutputTerm(() => w.detach(), OutputHessians.SquaredError())]);
        using var some = new GaussNewtonOperator(
            [unused, w], [new OutputTerm(() => w * 2, OutputHessians.SquaredError(Reduction.Sum))]);

        Assert.Equal([0, 0, 0], Oracles.Numbers(none.Apply(ones(3, dtype: ScalarType.Float64))));
        Assert.Equal([0, 0, 8, 8, 8], Oracles.Numbers(some.Apply(ones(5, dtype: ScalarType.Float64))));
    }

    [Fact]
    public void Given_parameters_changed_in_place_then_an_error_arrives_and_gradients_are_given_back()
    {
        Tensor w = Oracles.Parameter(Oracles.Random(10, 3));
        w.grad = ones(3, dtype: ScalarType.Float64);
        using var kept = new GaussNewtonOperator([w], [new OutputTerm(() => w.pow(3), OutputHessians.SquaredError())]);
        using var rebuilt = new GaussNewtonOperator(
            [w], [new OutputTerm(() => w.pow(3), OutputHessians.SquaredError())], new OperatorOptions { GraphMemory = 0 });
        using (no_grad())
        {
            w.add_(1);
        }

        Assert.Contains("modified by an inplace operation", Assert.Throws<InvalidOperationException>(
            () => kept.Apply(ones(3, dtype: ScalarType.Float64))).Message);
        Assert.Throws<NonDeterministicOperatorException>(() => rebuilt.Apply(ones(3, dtype: ScalarType.Float64)));
        Assert.Equal([1, 1, 1], Oracles.Numbers(w.grad!));
    }

    [Fact]
    public void Given_dropout_that_draws_anew_and_a_check_then_it_is_refused()
    {
        Tensor w = Oracles.Parameter(Oracles.Random(11, 20));
        Assert.Contains("Dropout", Assert.Throws<NonDeterministicOperatorException>(() => new GaussNewtonOperator(
            [w], [new OutputTerm(() => functional.dropout(w, 0.5, training: true), OutputHessians.SquaredError())],
            new OperatorOptions { CheckDeterminism = true })).Message);
    }

    [Fact]
    public void Given_a_disposed_operator_then_no_tensor_is_left_behind()
    {
        Nets net = Nets.Of("mlp");
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        foreach (long? memory in new long?[] { null, 0 })
        {
            using var operators = new GaussNewtonOperator(
                net.Parameters, [new OutputTerm(() => net.Forward(net.Inputs), OutputHessians.CrossEntropy())],
                new OperatorOptions { GraphMemory = memory });
            using EigenResult result = Lanczos.Largest(operators);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Given_arguments_that_cannot_work_then_the_error_names_them()
    {
        Tensor w = Oracles.Parameter(Oracles.Random(12, 3));

        Assert.Throws<ArgumentOutOfRangeException>(() => OutputHessians.CrossEntropy(Reduction.None));
        Assert.Contains("no loss terms", Assert.Throws<ArgumentException>(() => new GaussNewtonOperator([w], [])).Message);
        using var flat = new GaussNewtonOperator([w], [new OutputTerm(() => w * 2, OutputHessians.CrossEntropy())]);
        Assert.Contains("[n, classes, ...]", Assert.Throws<ArgumentException>(
            () => flat.Apply(ones(3, dtype: ScalarType.Float64))).Message);
    }

    private static OutputHessian Closed(string loss) => loss == "mse" ? OutputHessians.SquaredError() : OutputHessians.CrossEntropy();

    /// <summary>J' H J with J by fourth-order central differences of the outputs and H the Hessian of the loss written out.</summary>
    private static Tensor Dense(Nets net, string loss)
    {
        const double Step = 1e-3;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable quiet = no_grad();
        List<Tensor> columns = [];
        foreach (Tensor parameter in net.Parameters)
        {
            for (long entry = 0; entry < parameter.numel(); entry++)
            {
                Tensor slot = parameter.view(-1)[entry];
                Tensor kept = slot.clone();
                Tensor At(double offset)
                {
                    slot.copy_(kept + offset * Step);
                    Tensor outputs = net.Forward(net.Inputs).reshape(-1);
                    slot.copy_(kept);
                    return outputs;
                }

                columns.Add(((At(1) - At(-1)) * 8 - (At(2) - At(-2))) / (12 * Step));
            }
        }

        Tensor jacobian = stack([.. columns], 1);
        Tensor z = net.Forward(net.Inputs);
        int examples = (int)z.shape[0];
        Tensor output = zeros(z.numel(), z.numel(), dtype: ScalarType.Float64);
        for (int n = 0; n < examples; n++)
        {
            Tensor p = z[n].exp() / z[n].exp().sum();
            Tensor block = loss == "mse"
                ? eye(Nets.Outputs, dtype: ScalarType.Float64) * (2.0 / z.numel())
                : (diag(p) - outer(p, p)) / examples;
            output.narrow(0, n * Nets.Outputs, Nets.Outputs).narrow(1, n * Nets.Outputs, Nets.Outputs).copy_(block);
        }

        return jacobian.t().mm(output).mm(jacobian).MoveToOuterDisposeScope();
    }
}
