using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Hessian.Tests.Operators;

/// <summary>Any module as a loss: against the same net written out without modules.</summary>
public sealed class ModuleLossTests : IDisposable
{
    private const long Seed = 77;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _images = Oracles.Random(401, 5, 1, 4, 4);
    private readonly Tensor _points = Oracles.Random(402, 5, 4);
    private readonly Tensor _labels = arange(5) % 3;

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(BatchNormPolicy.BatchStatistics, false, Reduction.Mean)]
    [InlineData(BatchNormPolicy.BatchStatistics, true, Reduction.Sum)]
    [InlineData(BatchNormPolicy.RunningStatistics, false, Reduction.Sum)]
    [InlineData(BatchNormPolicy.RunningStatistics, true, Reduction.Mean)]
    public void Given_batch_norm_and_dropout_then_the_operators_are_those_of_the_net_written_out(
        BatchNormPolicy norm, bool drop, Reduction reduction)
    {
        var net = new NormNet();
        ModuleLoss loss = Of(net, norm, drop, reduction, 2, 3);
        Tensor?[] masks = drop ? [Mask(0, 2), Mask(1, 3)] : [null, null];
        Tensor Outputs(int index, int from, int count) =>
            net.WrittenOut(_images.narrow(0, from, count), norm == BatchNormPolicy.BatchStatistics, masks[index]);
        Tensor Sum(int index, int from, int count) => functional.cross_entropy(
            Outputs(index, from, count), _labels.narrow(0, from, count), reduction: Reduction.Sum);
        double factor = reduction == Reduction.Mean ? 0.2 : 1;
        Tensor Total() => (Sum(0, 0, 2) + Sum(1, 2, 3)) * factor;
        Tensor expected = Oracles.DifferencedHessian(net.All, Total);
        double scale = expected.abs().max().item<double>();

        using HessianOperator hessian = loss.Hessian();
        using HessianOperator rebuilt = loss.Hessian(options: new OperatorOptions { GraphMemory = 0 });
        Tensor dense = Oracles.Dense(hessian);

        Assert.True(Oracles.Difference(expected, dense) < 1e-8 * scale, $"off by {Oracles.Difference(expected, dense) / scale:g3}");
        Assert.True(Oracles.Difference(dense, dense.t()) < 1e-12 * scale);
        Assert.Equal(Total().item<double>(), hessian.Loss, 1e-13);
        Assert.Equal((0, 2), (rebuilt.KeptTerms, rebuilt.RebuiltTerms));
        Assert.True(dense.equal(Oracles.Dense(rebuilt)).all().item<bool>());

        // J and the outputs' Hessian, both of the net written out, through the operator that has a test of its own.
        using GaussNewtonOperator gaussNewton = loss.GaussNewton();
        using var byHand = new GaussNewtonOperator(net.All,
        [
            new OutputTerm(() => Outputs(0, 0, 2), OutputHessians.CrossEntropy(Reduction.Sum), factor),
            new OutputTerm(() => Outputs(1, 2, 3), OutputHessians.CrossEntropy(Reduction.Sum), factor),
        ]);
        Assert.True(Oracles.Difference(Oracles.Dense(byHand), Oracles.Dense(gaussNewton)) < 1e-12 * scale);

        Tensor vector = Oracles.Random(403, hessian.Size);
        Tensor product = hessian.Apply(vector);
        using FiniteDifferenceHessianOperator differences = loss.FiniteDifferences();
        Assert.True(linalg.vector_norm(product - differences.Apply(vector)).item<double>() < 1e-7 * linalg.vector_norm(product).item<double>());
    }

    [Fact]
    public void Given_the_two_policies_then_they_are_different_matrices_and_so_are_other_masks()
    {
        var net = new NormNet();
        Tensor Dense(BatchNormPolicy norm, DropoutPolicy dropout)
        {
            using HessianOperator hessian = new ModuleLoss(
                net, Batches(_images, 2, 3), Criterion.CrossEntropy(), norm, dropout).Hessian();
            return Oracles.Dense(hessian);
        }

        Tensor[] all =
        [
            Dense(BatchNormPolicy.BatchStatistics, DropoutPolicy.Off),
            Dense(BatchNormPolicy.RunningStatistics, DropoutPolicy.Off),
            Dense(BatchNormPolicy.RunningStatistics, DropoutPolicy.FixedMasks(Seed)),
            Dense(BatchNormPolicy.RunningStatistics, DropoutPolicy.FixedMasks(Seed + 10)),
        ];
        for (int i = 0; i < all.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                Assert.True(Oracles.Difference(all[i], all[j]) > 1e-3, $"{i} and {j}");
            }
        }
    }

    [Theory]
    [InlineData(Reduction.Mean, 2, 3)]
    [InlineData(Reduction.Mean, 1, 4)]
    [InlineData(Reduction.Sum, 2, 3)]
    [InlineData(Reduction.Sum, 1, 4)]
    public void Given_unequal_batches_then_the_loss_is_that_of_all_examples_at_once(Reduction reduction, params int[] counts)
    {
        using var net = Sequential(Linear(4, 5), Tanh(), Linear(5, 3)).to(ScalarType.Float64);
        TestModules.Fill(net, 404);
        Tensor targets = Oracles.Random(405, 5, 3);
        Tensor[] parameters = [.. net.parameters()];
        foreach (bool squared in new[] { false, true })
        {
            Criterion criterion = squared ? Criterion.SquaredError(reduction) : Criterion.CrossEntropy(reduction);
            Tensor wanted = squared ? targets : _labels;
            var loss = new ModuleLoss(
                net, Batches(_points, wanted, counts), criterion, BatchNormPolicy.RunningStatistics, DropoutPolicy.Off);
            using var whole = new HessianOperator(parameters, [new LossTerm(() => squared
                ? functional.mse_loss(net.forward(_points), wanted, reduction)
                : functional.cross_entropy(net.forward(_points), wanted, reduction: reduction))]);
            using var wholeGaussNewton = new GaussNewtonOperator(
                parameters, [new OutputTerm(() => net.forward(_points), criterion.Curvature!)]);
            using HessianOperator hessian = loss.Hessian();
            using GaussNewtonOperator gaussNewton = loss.GaussNewton();

            Assert.Equal(5, loss.Examples);
            Assert.Equal(whole.Loss, hessian.Loss, 1e-12);
            Assert.True(Oracles.Difference(whole.Gradient(), hessian.Gradient()) < 1e-12);
            Assert.True(Oracles.Difference(Oracles.Dense(whole), Oracles.Dense(hessian)) < 1e-12);
            Assert.True(Oracles.Difference(Oracles.Dense(wholeGaussNewton), Oracles.Dense(gaussNewton)) < 1e-12);
        }
    }

    [Fact]
    public void Given_sequences_of_unequal_length_then_a_mean_over_tokens_weighs_them_by_their_tokens()
    {
        using var net = Conv1d(4, 3, 1, dtype: ScalarType.Float64);
        TestModules.Fill(net, 406);
        Tensor inputs = Oracles.Random(407, 1, 4, 7);
        Tensor labels = (arange(7) % 3).unsqueeze(0);
        ModuleBatch[] batches =
        [
            new(inputs.narrow(2, 0, 5), labels.narrow(1, 0, 5)) { Examples = 5 },
            new(inputs.narrow(2, 5, 2), labels.narrow(1, 5, 2)) { Examples = 2 },
        ];
        var loss = new ModuleLoss(net, batches, Criterion.CrossEntropy(), BatchNormPolicy.BatchStatistics, DropoutPolicy.Off);
        using var whole = new HessianOperator(
            [.. net.parameters()], [new LossTerm(() => functional.cross_entropy(net.forward(inputs), labels))]);
        using HessianOperator hessian = loss.Hessian();

        Assert.True(Oracles.Difference(Oracles.Dense(whole), Oracles.Dense(hessian)) < 1e-12);
    }

    [Fact]
    public void Given_frozen_parameters_and_names_then_the_operator_is_the_block_of_the_rest()
    {
        var net = new NormNet();
        using HessianOperator all = Of(net, BatchNormPolicy.BatchStatistics, false, Reduction.Mean, 2, 3).Hessian();
        Tensor dense = Oracles.Dense(all);
        net.get_parameter("_conv.weight")!.requires_grad = false;
        net.register_parameter("count", new TorchSharp.Modules.Parameter(arange(3), requires_grad: false));

        ModuleLoss loss = Of(net, BatchNormPolicy.BatchStatistics, false, Reduction.Mean, 2, 3);
        using HessianOperator rest = loss.Hessian();
        using HessianOperator norm = loss.Hessian(loss.Parameters.Matching("_norm.*"));

        Assert.Equal(["_conv.bias", "_norm.bias", "_norm.weight"], loss.Parameters.Names.Where(name => !name.StartsWith("_rest")).Order());
        Assert.True(Oracles.Difference(dense.narrow(0, 18, 33).narrow(1, 18, 33), Oracles.Dense(rest)) < 1e-13);
        Assert.True(Oracles.Difference(dense.narrow(0, 20, 4).narrow(1, 20, 4), Oracles.Dense(norm)) < 1e-13);
        Assert.False(net.get_parameter("_conv.weight")!.requires_grad);
    }

    [Fact]
    public void Given_arguments_that_cannot_work_then_the_error_names_them()
    {
        var net = new NormNet();
        ModuleBatch[] batches = Batches(_images, 2, 3);
        ModuleLoss With(BatchNormPolicy norm, IReadOnlyList<ModuleBatch> over, Criterion criterion) =>
            new(net, over, criterion, norm, DropoutPolicy.Off);

        Assert.Contains("RunningStatistics", Assert.Throws<ArgumentOutOfRangeException>(
            () => With(default, batches, Criterion.CrossEntropy())).Message);
        Assert.Contains("no batches", Assert.Throws<ArgumentException>(
            () => With(BatchNormPolicy.BatchStatistics, [], Criterion.CrossEntropy())).Message);
        Assert.Contains("batches[1]", Assert.Throws<ArgumentException>(
            () => With(BatchNormPolicy.BatchStatistics, [batches[0], batches[1] with { Examples = 0 }], Criterion.CrossEntropy())).Message);
        Assert.Contains("mean or sum", Assert.Throws<ArgumentOutOfRangeException>(() => With(
            BatchNormPolicy.BatchStatistics, batches, new Criterion((z, _) => z.sum(), Reduction.None))).Message);
        Assert.Throws<ArgumentNullException>("dropout", () => new ModuleLoss(
            net, batches, Criterion.CrossEntropy(), BatchNormPolicy.BatchStatistics, null!));

        var custom = new Criterion((z, y) => functional.cross_entropy(z, y), Reduction.Mean);
        Assert.Contains("Curvature", Assert.Throws<InvalidOperationException>(
            () => With(BatchNormPolicy.BatchStatistics, batches, custom).GaussNewton()).Message);

        using var mixed = Sequential(("a", Linear(4, 4, dtype: ScalarType.Float64)), ("b", Linear(4, 3)));
        var twoTypes = new ModuleLoss(mixed, Batches(_points, 5), custom, BatchNormPolicy.BatchStatistics, DropoutPolicy.Off);
        Assert.Contains("'b.weight' is Float32", Assert.Throws<ArgumentException>(() => twoTypes.Hessian()).Message);
        mixed.to(ScalarType.BFloat16);
        var half = new ModuleLoss(mixed, Batches(_points, 5), custom, BatchNormPolicy.BatchStatistics, DropoutPolicy.Off);
        Assert.Contains("'a.weight' is BFloat16", Assert.Throws<ArgumentException>(() => half.Hessian()).Message);
        foreach (TorchSharp.Modules.Parameter parameter in mixed.parameters())
        {
            parameter.requires_grad = false;
        }

        Assert.Contains("no parameter that requires a gradient", Assert.Throws<ArgumentException>(() => new ModuleLoss(
            mixed, Batches(_points, 5), custom, BatchNormPolicy.BatchStatistics, DropoutPolicy.Off)).Message);
    }

    private ModuleLoss Of(NormNet net, BatchNormPolicy norm, bool drop, Reduction reduction, params int[] counts) => new(
        net, Batches(_images, counts), Criterion.CrossEntropy(reduction), norm,
        drop ? DropoutPolicy.FixedMasks(Seed) : DropoutPolicy.Off);

    private ModuleBatch[] Batches(Tensor inputs, params int[] counts) => Batches(inputs, _labels, counts);

    private static ModuleBatch[] Batches(Tensor inputs, Tensor targets, int[] counts)
    {
        List<ModuleBatch> batches = [];
        int from = 0;
        foreach (int count in counts)
        {
            batches.Add(new ModuleBatch(inputs.narrow(0, from, count), targets.narrow(0, from, count)));
            from += count;
        }

        return [.. batches];
    }

    /// <summary>The mask of a batch, drawn from the seed by hand: 0 or 1 / (1 - p).</summary>
    private static Tensor Mask(int batch, int examples)
    {
        manual_seed(Seed + batch);
        return empty(examples, 8, dtype: ScalarType.Float64).bernoulli_(1 - NormNet.Dropped) / (1 - NormNet.Dropped);
    }
}
