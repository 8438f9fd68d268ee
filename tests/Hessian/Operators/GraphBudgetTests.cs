using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests.Operators;

/// <summary>Operators that share the memory for the graphs they keep.</summary>
public sealed class GraphBudgetTests : IDisposable
{
    private const long Each = 100;
    private const int Terms = 6;

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Given_two_operators_then_what_one_keeps_the_other_lacks_until_it_is_given_back()
    {
        var budget = new GraphBudget((10 * Each) + 50);
        var first = new HessianOperator([Weights(1)], Losses(_weights!), new OperatorOptions { SharedGraphMemory = budget });
        using var second = new GaussNewtonOperator(
            [Weights(2)], Outputs(_weights!), new OperatorOptions { SharedGraphMemory = budget });
        Assert.Equal((6, 0, 4, 2), (first.KeptTerms, first.RebuiltTerms, second.KeptTerms, second.RebuiltTerms));
        Assert.Equal((10 * Each, 10 * Each), (budget.Used, budget.Peak));

        first.Dispose();
        first.Dispose();
        Assert.Equal((4 * Each, 10 * Each), (budget.Used, budget.Peak));

        // A bound of its own beside the shared one.
        using (var third = new HessianOperator(
            [Weights(3)], Losses(_weights!), new OperatorOptions { SharedGraphMemory = budget, GraphMemory = 2 * Each }))
        {
            Assert.Equal((2, 2 * Each, 6 * Each), (third.KeptTerms, third.KeptGraphBytes, budget.Used));
        }

        Assert.Equal(4 * Each, budget.Used);
    }

    [Fact]
    public void Given_a_term_that_fails_then_nothing_of_the_budget_stays_taken()
    {
        var budget = new GraphBudget(10 * Each);
        Tensor weights = Weights(1);
        LossTerm[] terms =
        [
            .. Losses(weights)[..3],
            new(() => throw new InvalidDataException("no data")),
        ];
        Assert.Throws<InvalidDataException>(
            () => new HessianOperator([weights], terms, new OperatorOptions { SharedGraphMemory = budget }));
        Assert.Equal((0, 3 * Each), (budget.Used, budget.Peak));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GraphBudget(-1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task Given_many_threads_then_none_waits_the_bound_holds_and_every_bit_is_the_same(int graphs)
    {
        var budget = new GraphBudget(graphs * Each);
        double[][] found = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            using DisposeScope scope = NewDisposeScope();
            List<double> values = [];
            for (int round = 0; round < 20; round++)
            {
                Tensor weights = Oracles.Parameter(Oracles.Random(5, 20, 3));
                using var hessian = new HessianOperator([weights], Losses(weights), new OperatorOptions { SharedGraphMemory = budget });
                values.AddRange(hessian.Apply(Oracles.Random(6, hessian.Size)).data<double>().ToArray());
            }

            return values.ToArray();
        }, TestContext.Current.CancellationToken)));

        using var alone = new HessianOperator([Weights(5)], Losses(_weights!));
        double[] expected = alone.Apply(Oracles.Random(6, alone.Size)).data<double>().ToArray();
        Assert.All(found, values => Assert.All(values.Chunk(expected.Length), chunk => Assert.Equal(expected, chunk)));
        Assert.Equal(0, budget.Used);
        Assert.InRange(budget.Peak, Math.Min(budget.Bytes, Terms * Each), budget.Bytes);
    }

    private Tensor? _weights;

    private Tensor Weights(ulong seed) => _weights = Oracles.Parameter(Oracles.Random(seed, 20, 3));

    private static LossTerm[] Losses(Tensor weights) => [.. Enumerable.Range(0, Terms).Select(i =>
        new LossTerm(() => Oracles.Random((ulong)i + 10, 4, 20).mm(weights).tanh().pow(2).mean()) { GraphBytes = Each })];

    private static OutputTerm[] Outputs(Tensor weights) => [.. Enumerable.Range(0, Terms).Select(i =>
        new OutputTerm(() => Oracles.Random((ulong)i + 10, 4, 20).mm(weights).tanh(), OutputHessians.SquaredError()) { GraphBytes = Each })];
}
