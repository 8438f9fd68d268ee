using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Hessian.Tests.Operators;

/// <summary>Dense float64 oracles, made of differenced first gradients, for every kind of net and both losses.</summary>
public sealed class ArchitectureTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (string kind in Nets.Kinds)
            {
                cases.Add(kind, "mse");
                cases.Add(kind, "cross-entropy");
            }

            return cases;
        }
    }

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Given_a_net_then_every_entry_and_eigenvalue_agrees_with_the_dense_hessian(string kind, string loss)
    {
        Nets net = Nets.Of(kind);
        Tensor expected = Oracles.DifferencedHessian(net.Parameters, net.Loss(loss));
        using var hessian = new HessianOperator(net.Parameters, [new LossTerm(net.Loss(loss))]);
        Tensor dense = Oracles.Dense(hessian);
        double scale = expected.abs().max().item<double>();

        Assert.True(Oracles.Difference(dense, dense.t()) < 1e-12 * scale);
        Assert.True(Oracles.Difference(expected, dense) < 1e-9 * scale, $"off by {Oracles.Difference(expected, dense) / scale:g3}");
        double[] spectrum = Oracles.Spectrum(expected);
        using EigenResult result = Lanczos.Largest(hessian, new LanczosOptions { Tolerance = 1e-10, MaximumProducts = 200 });
        Assert.True(result.Converged);
        Assert.Equal(spectrum[0], result.Lambda1, 1e-9 * scale);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Given_a_net_then_finite_differences_agree_to_their_own_error_and_every_bit_is_put_back(string kind, string loss)
    {
        Nets net = Nets.Of(kind);
        Tensor[] before = [.. net.Parameters.Select(parameter => parameter.detach().clone())];
        Tensor held = Oracles.Random(1, net.Parameters[0].shape);
        net.Parameters[0].grad = held;
        LossTerm[] terms = [new(net.Loss(loss), 0.25), new(net.Loss(loss), 0.75)];
        using var exact = new HessianOperator(net.Parameters, terms);
        Tensor vector = Oracles.Random(2, exact.Size) * 7;
        Tensor expected = exact.Apply(vector);
        double scale = linalg.vector_norm(expected).item<double>();

        foreach ((bool central, double error) in new[] { (true, 1e-9), (false, 1e-7) })
        {
            using var differences = new FiniteDifferenceHessianOperator(
                net.Parameters, terms, new FiniteDifferenceOptions { Central = central });
            double off = linalg.vector_norm(differences.Apply(vector) - expected).item<double>() / scale;

            Assert.True(off < error, $"{(central ? "central" : "one-sided")}: {off:g3}");
            Assert.True(Oracles.Difference(exact.Gradient(), differences.Gradient()) < 1e-13);
            Assert.Equal(exact.Loss, differences.Loss, 1e-14);
        }

        for (int i = 0; i < before.Length; i++)
        {
            Assert.True(before[i].equal(net.Parameters[i]).all().item<bool>());
        }

        Assert.True(net.Parameters[0].grad!.equal(held).all().item<bool>());
        Assert.Null(net.Parameters[1].grad);
    }

    [Theory]
    [InlineData("mlp", "1.*")]
    [InlineData("cnn", "*.bias")]
    [InlineData("batch-norm", "norm.*")]
    [InlineData("attention", "query.weight", "out.*")]
    public void Given_names_then_the_block_is_the_submatrix_of_the_dense_hessian(string kind, params string[] patterns)
    {
        Nets net = Nets.Of(kind);
        ParameterSelection selection = net.Named.Matching(patterns);
        using var whole = new HessianOperator(net.Named.Tensors, [new LossTerm(net.CrossEntropy)]);
        using var block = new HessianOperator(selection.Tensors, [new LossTerm(net.CrossEntropy)]);
        long[] entries = [.. net.Named.Ranges()
            .Where(range => selection.Names.Contains(range.Name))
            .SelectMany(range => Enumerable.Range(0, (int)range.Count).Select(i => range.Offset + i))];
        Tensor indices = tensor(entries);

        Tensor expected = Oracles.Dense(whole).index_select(0, indices).index_select(1, indices);

        Assert.Equal(selection.Size, block.Size);
        Assert.True(block.Size < whole.Size);
        Assert.True(Oracles.Difference(expected, Oracles.Dense(block)) < 1e-13);
        Assert.True(net.Parameters.All(parameter => parameter.grad is null));
    }

    [Fact]
    public void Given_one_block_per_layer_then_together_they_are_the_block_diagonal()
    {
        Nets net = Nets.Of("mlp");

        (string Layer, ParameterSelection Parameters)[] layers = [.. net.Named.ByLayer()];

        Assert.Equal(["1", "2"], layers.Select(layer => layer.Layer));
        Assert.Equal(["1.weight", "1.bias"], layers[0].Parameters.Names);
        Assert.Equal(net.Named.Size, layers.Sum(layer => layer.Parameters.Size));
    }

    [Fact]
    public void Given_a_name_that_fits_nothing_or_comes_twice_then_the_error_lists_what_there_is()
    {
        Nets net = Nets.Of("mlp");

        Assert.Contains("'conv*' fits none of the parameters: 1.weight, 1.bias", Assert.Throws<ArgumentException>(
            () => net.Named.Matching("1.*", "conv*")).Message);
        Assert.Contains("'a'", Assert.Throws<ArgumentException>(
            () => ParameterSelection.Of([("a", net.Parameters[0]), ("a", net.Parameters[1])])).Message);
        Assert.Contains("no parameters", Assert.Throws<ArgumentException>(() => ParameterSelection.Of([])).Message);
        Assert.Contains("Nothing", Assert.Throws<ArgumentException>(() => net.Named.Matching()).Message);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public void Given_unequal_batches_then_they_sum_to_the_full_batch(int first)
    {
        Nets net = Nets.Of("attention");
        Tensor x = Oracles.Random(3, 5, 4, 4);
        Tensor labels = arange(5) % 3;
        LossTerm Batch(int from, int count, Reduction reduction, double weight) => new(
            () => functional.cross_entropy(net.Forward(x.narrow(0, from, count)), labels.narrow(0, from, count), reduction: reduction),
            weight);
        using var whole = new HessianOperator(net.Parameters, [Batch(0, 5, Reduction.Mean, 1)]);
        using var means = new HessianOperator(
            net.Parameters, [Batch(0, first, Reduction.Mean, first / 5.0), Batch(first, 5 - first, Reduction.Mean, 1 - first / 5.0)]);
        using var sums = new HessianOperator(
            net.Parameters, [Batch(0, first, Reduction.Sum, 0.2), Batch(first, 5 - first, Reduction.Sum, 0.2)]);

        Tensor expected = Oracles.Dense(whole);

        Assert.True(Oracles.Difference(expected, Oracles.Dense(means)) < 1e-12);
        Assert.True(Oracles.Difference(expected, Oracles.Dense(sums)) < 1e-12);
    }
}
