using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Hessian.Tests.Operators;

public sealed class GraphMemoryTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _inputs = Oracles.Random(1, 60, 20);
    private readonly Tensor _first = Oracles.Parameter(Oracles.Random(2, 20, 16) * 0.3);
    private readonly Tensor _second = Oracles.Parameter(Oracles.Random(3, 16, 4) * 0.3);

    private int _evaluations;

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Given_a_budget_then_as_many_graphs_as_fit_are_kept_and_every_bit_of_the_product_is_the_same()
    {
        using HessianOperator all = Of(null);
        Tensor vectors = Oracles.Random(4, 3, all.Size);
        Tensor expected = all.ApplyBlock(vectors);
        Assert.Equal((6, 0), (all.KeptTerms, all.RebuiltTerms));

        foreach ((long budget, int kept) in new[] { (0L, 0), (250, 2), (599, 5), (600, 6) })
        {
            using HessianOperator some = Of(new OperatorOptions { GraphMemory = budget }, bytes: 100);
            Assert.Equal((kept, 6 - kept), (some.KeptTerms, some.RebuiltTerms));
            Assert.Equal(100 * kept, some.KeptGraphBytes);

            // Each graph serves all vectors: a rebuilt one is built once a block.
            _evaluations = 0;
            Assert.True(expected.equal(some.ApplyBlock(vectors)).all().item<bool>());
            Assert.Equal(6 - kept, _evaluations);
            Assert.True(expected[1].equal(some.Apply(vectors[1])).all().item<bool>());
            Assert.Equal(all.Loss, some.Loss);
            Assert.True(Oracles.Difference(all.Gradient(), some.Gradient()) == 0);
        }
    }

    [Fact]
    public void Given_graphs_of_unknown_size_then_they_are_measured_and_kept_within_the_budget()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // Each graph holds some 4 MB: hidden activations, their derivative, and what the gradient needs.
        Tensor inputs = Oracles.Random(5, 4000, 20);
        LossTerm[] terms = [.. Enumerable.Range(0, 6).Select(i => new LossTerm(() => inputs.mm(_first).tanh().mm(_second).pow(2).mean()))];
        const long Budget = 8_000_000;

        using var some = new HessianOperator([_first, _second], terms, new OperatorOptions { GraphMemory = Budget });

        Assert.InRange(some.KeptTerms, 1, 5);
        Assert.Equal(6, some.KeptTerms + some.RebuiltTerms);
        Assert.InRange(some.KeptGraphBytes, Budget / 4, Budget);
    }

    [Fact]
    public void Given_many_rebuilds_then_no_tensor_is_left_behind()
    {
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 3; i++)
        {
            using HessianOperator some = Of(new OperatorOptions { GraphMemory = 150 }, bytes: 100);
            using EigenResult result = Lanczos.Largest(some);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Null(_first.grad);
    }

    [Fact]
    public void Given_dropout_that_draws_anew_then_it_is_refused_with_the_reason()
    {
        LossTerm dropped = new(() => functional.dropout(_inputs.mm(_first), 0.5, training: true).mm(_second).pow(2).mean());

        using var rebuilt = new HessianOperator([_first, _second], [dropped], new OperatorOptions { GraphMemory = 0 });
        using var differences = new FiniteDifferenceHessianOperator([_first, _second], [dropped]);
        Assert.Contains("Dropout", Assert.Throws<NonDeterministicOperatorException>(
            () => rebuilt.Apply(Oracles.Random(6, rebuilt.Size))).Message);
        Assert.Contains("Dropout", Assert.Throws<NonDeterministicOperatorException>(
            () => new HessianOperator([_first, _second], [dropped], new OperatorOptions { CheckDeterminism = true })).Message);
        Assert.Contains("same vector", Assert.Throws<NonDeterministicOperatorException>(() => Determinism.Require(differences)).Message);

        // The masks of a kept graph were drawn once: one matrix.
        using var kept = new HessianOperator([_first, _second], [dropped]);
        Determinism.Require(kept);
    }

    [Fact]
    public void Given_dropout_with_masks_fixed_by_a_seed_then_it_is_one_matrix_kept_or_rebuilt()
    {
        LossTerm seeded = new(() =>
        {
            using var generator = new Generator(9, CPU);
            Tensor mask = rand(60, 16, dtype: ScalarType.Float64, generator: generator).gt(0.5).to(ScalarType.Float64) * 2;
            return (_inputs.mm(_first) * mask).mm(_second).pow(2).mean();
        });
        using var kept = new HessianOperator([_first, _second], [seeded], new OperatorOptions { CheckDeterminism = true });
        using var rebuilt = new HessianOperator([_first, _second], [seeded], new OperatorOptions { GraphMemory = 0 });
        Tensor vector = Oracles.Random(10, kept.Size);

        Determinism.Require(rebuilt);
        Assert.True(kept.Apply(vector).equal(rebuilt.Apply(vector)).all().item<bool>());
    }

    [Fact]
    public void Given_parameters_changed_under_a_rebuilding_or_differencing_operator_then_it_is_noticed()
    {
        using HessianOperator rebuilt = Of(new OperatorOptions { GraphMemory = 0 });
        using var differences = new FiniteDifferenceHessianOperator([_first, _second], [Term(0, null)]);
        using (no_grad())
        {
            _first.add_(1);
        }

        Assert.Throws<NonDeterministicOperatorException>(() => rebuilt.Apply(Oracles.Random(11, rebuilt.Size)));
        Assert.Contains("parameters[0]", Assert.Throws<NonDeterministicOperatorException>(
            () => differences.Apply(Oracles.Random(11, rebuilt.Size))).Message);
        Assert.Null(_first.grad);
    }

    [Fact]
    public void Given_an_evaluation_that_fails_in_a_product_then_parameters_and_gradients_are_given_back()
    {
        bool fail = false;
        Tensor before = _first.detach().clone();
        _first.grad = ones_like(_first);
        LossTerm term = new(() => fail ? throw new InvalidDataException("no data") : _inputs.mm(_first).pow(2).mean());
        using var rebuilt = new HessianOperator([_first], [term], new OperatorOptions { GraphMemory = 0 });
        using var differences = new FiniteDifferenceHessianOperator([_first], [term]);
        fail = true;

        Assert.Throws<InvalidDataException>(() => rebuilt.Apply(Oracles.Random(12, rebuilt.Size)));
        Assert.Throws<InvalidDataException>(() => differences.Apply(Oracles.Random(12, rebuilt.Size)));
        Assert.True(before.equal(_first).all().item<bool>());
        Assert.Equal(1, _first.grad!.min().item<double>());
    }

    [Fact]
    public void Given_an_option_out_of_range_then_the_error_names_it()
    {
        Assert.Equal("GraphMemory", Assert.Throws<ArgumentOutOfRangeException>(
            () => Of(new OperatorOptions { GraphMemory = -1 })).ParamName);
        Assert.Equal("RelativeStep", Assert.Throws<ArgumentOutOfRangeException>(() => new FiniteDifferenceHessianOperator(
            [_first], [Term(0, null)], new FiniteDifferenceOptions { RelativeStep = 0 })).ParamName);
    }

    [Fact]
    public void Given_losses_without_curvature_then_differences_are_zero_and_nothing_aborts()
    {
        using var linear = new FiniteDifferenceHessianOperator([_first, _second], [new LossTerm(() => _first.sum())]);
        using var constant = new FiniteDifferenceHessianOperator([_first], [new LossTerm(() => tensor(1.0))]);

        Assert.True(linear.Apply(Oracles.Random(13, linear.Size)).abs().max().item<double>() < 1e-12);
        Assert.Equal(0, constant.Apply(Oracles.Random(14, constant.Size)).abs().max().item<double>());
        Assert.Equal(0, linear.Apply(zeros(linear.Size, dtype: ScalarType.Float64)).abs().max().item<double>());
    }

    private HessianOperator Of(OperatorOptions? options, long? bytes = null) =>
        new([_first, _second], [.. Enumerable.Range(0, 6).Select(i => Term(i, bytes))], options);

    private LossTerm Term(int index, long? bytes) => new(
        () =>
        {
            _evaluations++;
            return _inputs.narrow(0, 10 * index, 10).mm(_first).tanh().mm(_second).pow(2).mean();
        },
        1.0 / 6)
    { GraphBytes = bytes };
}
