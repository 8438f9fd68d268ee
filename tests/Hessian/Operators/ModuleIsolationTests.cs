using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Hessian.Tests.Operators;

/// <summary>What is measured stays as found, and what is not one function is refused.</summary>
public sealed class ModuleIsolationTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _images = Oracles.Random(451, 5, 1, 4, 4);
    private readonly Tensor _points = Oracles.Random(452, 5, 4);

    public void Dispose() => _scope.Dispose();

    public static TheoryData<BatchNormPolicy, bool, long?> Policies
    {
        get
        {
            var all = new TheoryData<BatchNormPolicy, bool, long?>();
            foreach (BatchNormPolicy norm in Enum.GetValues<BatchNormPolicy>())
            {
                all.Add(norm, true, 0);
                all.Add(norm, false, 0);
                all.Add(norm, true, null);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Given_a_module_then_everything_is_as_found_after_products_failures_and_the_end(
        BatchNormPolicy norm, bool drop, long? memory)
    {
        var net = new NormNet();
        net.MixModes();
        net.get_parameter("_conv.bias")!.requires_grad = false;
        net.get_parameter("_conv.weight")!.grad = Oracles.Random(453, 2, 1, 3, 3);
        ModuleLoss loss = Of(net, _images, norm, drop);
        var options = new OperatorOptions { GraphMemory = memory };
        Tensor vectors = Oracles.Random(454, 2, loss.Parameters.Size);
        manual_seed(5);
        Tensor undisturbed = randn(7);
        manual_seed(5);
        var state = new ModuleState(net);

        using (HessianOperator hessian = loss.Hessian(options: options))
        using (GaussNewtonOperator gaussNewton = loss.GaussNewton(options: options))
        {
            LeaveAsFound(hessian);
            LeaveAsFound(gaussNewton);
            net.Fails = true;
            Assert.Throws<InvalidDataException>(() => loss.Hessian(options: options));
            Assert.Throws<InvalidDataException>(() => loss.GaussNewton(options: options));
            if (memory is not null)
            {
                Assert.Throws<InvalidDataException>(() => hessian.Apply(vectors[0]));
                Assert.Throws<InvalidDataException>(() => gaussNewton.ApplyBlock(vectors));
            }

            state.IsAsFound();
            net.Fails = false;
        }

        using (FiniteDifferenceHessianOperator differences = loss.FiniteDifferences())
        {
            LeaveAsFound(differences);
            net.Fails = true;
            Assert.Throws<InvalidDataException>(() => differences.Apply(vectors[0]));
        }

        void LeaveAsFound(ISymmetricOperator one)
        {
            state.IsAsFound();
            one.Apply(vectors[0]);
            one.ApplyBlock(vectors);
            state.IsAsFound();
        }

        state.IsAsFound();
        Assert.True(undisturbed.equal(randn(7)).all().item<bool>());
    }

    [Fact]
    public void Given_a_buffer_moved_in_place_that_graphs_need_then_each_batch_sees_it_as_found()
    {
        var net = new MovingScale();
        ModuleLoss loss = Of(net, _points, BatchNormPolicy.BatchStatistics, false);
        var state = new ModuleState(net);
        Tensor ScaleOf(int from, int count) => ones(4, dtype: ScalarType.Float64) * 0.9 + _points.narrow(0, from, count).mean([0]) * 0.1;
        Tensor Sum(int from, int count) => functional.cross_entropy(
            net.WrittenOut(_points.narrow(0, from, count), ScaleOf(from, count)), Labels().narrow(0, from, count), reduction: Reduction.Sum);
        Tensor expected = Oracles.DifferencedHessian([.. net.parameters()], () => (Sum(0, 2) + Sum(2, 3)) / 5);

        using HessianOperator kept = loss.Hessian();
        using HessianOperator rebuilt = loss.Hessian(options: new OperatorOptions { GraphMemory = 0 });

        Assert.True(Oracles.Difference(expected, Oracles.Dense(kept)) < 1e-9);
        Assert.True(Oracles.Difference(expected, Oracles.Dense(rebuilt)) < 1e-9);
        state.IsAsFound();
        Assert.Equal([1, 1, 1, 1], Oracles.Numbers(net.Scale));
    }

    [Fact]
    public void Given_a_submodule_that_two_others_hold_then_its_mode_is_restored()
    {
        using var shared = Sequential(("drop", Dropout(0.5)), ("tanh", Tanh()));
        using var net = Sequential(
            ("a", shared), ("b", Sequential(("linear", Linear(4, 3, dtype: ScalarType.Float64)), ("drop", Dropout(0.3)))),
            ("c", Sequential(("inner", shared))));
        net.train();
        shared.eval();
        shared.children().First().train();
        var state = new ModuleState(net);

        using HessianOperator hessian = Of(net, _points, BatchNormPolicy.BatchStatistics, true).Hessian();

        state.IsAsFound();
    }

    [Theory]
    [InlineData("own generator", true)]
    [InlineData("own generator", false)]
    [InlineData("draws with dropout off", false)]
    [InlineData("counts", true)]
    public void Given_a_module_that_is_not_one_function_then_it_is_refused_with_the_reason(string kind, bool drop)
    {
        var random = new Random(1);
        int calls = 0;
        var net = new Disturbed(kind switch
        {
            "own generator" => _ => random.NextDouble(),
            "counts" => _ => ++calls,
            _ => _ => rand(1).item<float>(),
        });
        ModuleLoss loss = Of(net, _points, BatchNormPolicy.BatchStatistics, drop);
        var state = new ModuleState(net);

        Assert.Contains("parameters and buffers changed", Assert.Throws<NonDeterministicOperatorException>(() => loss.Hessian()).Message);
        Assert.Throws<NonDeterministicOperatorException>(() => loss.GaussNewton());
        Assert.Throws<NonDeterministicOperatorException>(() => loss.FiniteDifferences());
        state.IsAsFound();
    }

    [Fact]
    public void Given_a_layer_that_draws_from_the_seeded_state_then_fixed_masks_fix_it_too()
    {
        var net = new Disturbed(_ => rand(1).item<float>());

        using HessianOperator hessian = Of(net, _points, BatchNormPolicy.BatchStatistics, true)
            .Hessian(options: new OperatorOptions { GraphMemory = 0 });

        Determinism.Require(hessian);
    }

    [Fact]
    public void Given_a_buffer_replaced_by_another_tensor_then_it_is_refused_by_name()
    {
        var net = new Disturbed(module =>
        {
            module.ReplaceBuffer();
            return 1;
        });
        Tensor before = net.get_buffer("counter")!;
        ModuleLoss loss = Of(net, _points, BatchNormPolicy.BatchStatistics, false);

        Assert.Contains("'counter'", Assert.Throws<NonDeterministicOperatorException>(() => loss.Hessian()).Message);
        Assert.Equal([0], Oracles.Numbers(before));
    }

    [Fact]
    public void Given_many_operators_then_no_tensor_is_left_behind()
    {
        var net = new NormNet();
        ModuleLoss loss = Of(net, _images, BatchNormPolicy.BatchStatistics, true);
        Tensor vector = Oracles.Random(455, loss.Parameters.Size);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        foreach (long? memory in new long?[] { null, 0 })
        {
            using HessianOperator hessian = loss.Hessian(options: new OperatorOptions { GraphMemory = memory });
            using GaussNewtonOperator gaussNewton = loss.GaussNewton(options: new OperatorOptions { GraphMemory = memory });
            using Tensor first = hessian.Apply(vector);
            using Tensor second = gaussNewton.Apply(vector);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static Tensor Labels() => arange(5) % 3;

    private static ModuleLoss Of(Module<Tensor, Tensor> net, Tensor inputs, BatchNormPolicy norm, bool drop) => new(
        net,
        [
            new ModuleBatch(inputs.narrow(0, 0, 2), Labels().narrow(0, 0, 2)),
            new ModuleBatch(inputs.narrow(0, 2, 3), Labels().narrow(0, 2, 3)),
        ],
        Criterion.CrossEntropy(), norm, drop ? DropoutPolicy.FixedMasks(9) : DropoutPolicy.Off);
}
