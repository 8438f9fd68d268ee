using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Hessian.Tests.Operators;

/// <summary>Class weights, ignored labels and probabilities in cross-entropy: against differences of the whole loss.</summary>
public sealed class CriterionTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    // A linear model: its Gauss-Newton matrix is its Hessian, and both are taken over uneven batches.
    [Theory]
    [InlineData(Reduction.Mean, true, -100)]
    [InlineData(Reduction.Mean, false, -100)]
    [InlineData(Reduction.Mean, true, 2)]
    [InlineData(Reduction.Sum, true, -100)]
    public void Given_ignored_labels_and_weights_then_both_matrices_are_those_of_all_examples_at_once(
        Reduction reduction, bool weighted, long ignored)
    {
        using var net = Linear(4, 3, dtype: ScalarType.Float64);
        TestModules.Fill(net, 500);
        Tensor inputs = Oracles.Random(501, 9, 4);
        Tensor labels = tensor(new long[] { 0, ignored, 1, 1, 0, ignored, ignored, 2, 1 });
        Tensor? weights = weighted ? tensor([0.3, 2, 1.1]) : null;
        var loss = new ModuleLoss(
            net, Batches(inputs, labels, 2, 3, 2, 2), Criterion.CrossEntropy(reduction, weights, ignored),
            BatchNormPolicy.RunningStatistics, DropoutPolicy.Off);
        Tensor[] parameters = [.. net.parameters()];
        Tensor oracle = Oracles.DifferencedHessian(
            parameters, () => functional.cross_entropy(net.forward(inputs), labels, weights, ignored, reduction));

        using HessianOperator hessian = loss.Hessian();
        using GaussNewtonOperator gaussNewton = loss.GaussNewton();

        Assert.True(Oracles.Difference(oracle, Oracles.Dense(hessian)) < 1e-9);
        Assert.True(Oracles.Difference(oracle, Oracles.Dense(gaussNewton)) < 1e-9);
    }

    [Fact]
    public void Given_images_of_labels_or_probabilities_then_the_closed_form_is_the_second_derivative()
    {
        using var net = Conv2d(2, 3, 1, dtype: ScalarType.Float64);
        TestModules.Fill(net, 502);
        Tensor inputs = Oracles.Random(503, 3, 2, 2, 2);
        Tensor weights = tensor([0.5, 1, 3]);
        Tensor labels = tensor(new long[] { 0, 1, 2, -100, 1, 1, 0, -100, 2, 2, -100, 0 }).view(3, 2, 2);
        Tensor probabilities = Oracles.Random(504, 3, 3, 2, 2).abs();
        Tensor[] parameters = [.. net.parameters()];
        foreach (Tensor targets in new[] { labels, probabilities })
        {
            var loss = new ModuleLoss(
                net, Batches(inputs, targets, 1, 2), Criterion.CrossEntropy(weights: weights),
                BatchNormPolicy.RunningStatistics, DropoutPolicy.Off);
            Tensor oracle = Oracles.DifferencedHessian(
                parameters, () => functional.cross_entropy(net.forward(inputs), targets, weights));
            using GaussNewtonOperator gaussNewton = loss.GaussNewton();
            Assert.True(Oracles.Difference(oracle, Oracles.Dense(gaussNewton)) < 1e-9);
        }
    }

    [Fact]
    public void Given_a_batch_of_ignored_labels_only_then_it_counts_nowhere_and_nothing_but_such_batches_is_refused()
    {
        using var net = Linear(4, 3, dtype: ScalarType.Float64);
        TestModules.Fill(net, 505);
        Tensor inputs = Oracles.Random(506, 4, 4);
        Tensor labels = tensor(new long[] { -100, -100, 1, 2 });
        ModuleLoss With(params int[] counts) => new(
            net, Batches(inputs, labels, counts), Criterion.CrossEntropy(), BatchNormPolicy.RunningStatistics, DropoutPolicy.Off);

        using HessianOperator hessian = With(2, 2).Hessian();

        Tensor oracle = functional.cross_entropy(net.forward(inputs), labels);
        Assert.Equal(oracle.item<double>(), hessian.Loss, 1e-13);
        Assert.Contains("ignored", Assert.Throws<ArgumentException>(() => With(2)).Message, StringComparison.Ordinal);
    }

    // A mean of the user's own that does not weigh alike was 1 % off across batches, and nothing said so.
    [Fact]
    public void Given_a_mean_of_ones_own_that_weighs_unevenly_then_it_is_refused_until_it_says_what_it_divides_by()
    {
        using var net = Linear(4, 3, dtype: ScalarType.Float64);
        TestModules.Fill(net, 507);
        Tensor inputs = Oracles.Random(508, 8, 4);
        Tensor targets = Oracles.Random(509, 8, 3);
        Tensor Loss(Tensor z, Tensor y) => ((z - y).square() * y.abs()).sum() / y.abs().sum();
        var silent = new Criterion(Loss, Reduction.Mean);
        ModuleLoss With(Criterion criterion, params int[] counts) => new(
            net, Batches(inputs, targets, counts), criterion, BatchNormPolicy.RunningStatistics, DropoutPolicy.Off);

        string message = Assert.Throws<ArgumentException>(() => With(silent, 5, 3).Hessian()).Message;
        using HessianOperator whole = With(silent, 8).Hessian();
        using HessianOperator told = With(silent with { Divisor = y => y.abs().sum().item<double>() }, 5, 3).Hessian();

        Assert.Contains("Divisor", message, StringComparison.Ordinal);
        Assert.Equal(Loss(net.forward(inputs), targets).item<double>(), told.Loss, 1e-12);
        Assert.True(Oracles.Difference(Oracles.Dense(whole), Oracles.Dense(told)) < 1e-12);
    }

    private static ModuleBatch[] Batches(Tensor inputs, Tensor targets, params int[] counts)
    {
        var batches = new ModuleBatch[counts.Length];
        long start = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            batches[i] = new ModuleBatch(inputs.narrow(0, start, counts[i]), targets.narrow(0, start, counts[i]));
            start += counts[i];
        }

        return batches;
    }
}
