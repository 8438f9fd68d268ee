using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CurvatureActors.Hessian.Tests.Operators;

/// <summary>One tensor behind several .NET objects is one parameter; different tensors over one memory are refused.</summary>
public sealed class TiedParameterTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    // 1/2 (w w - y)^2 has the second derivative 6 w^2 - 2 y, and as a function of two numbers another matrix altogether.
    [Fact]
    public void Given_one_number_behind_two_objects_then_the_operator_has_one_row_and_the_closed_form()
    {
        Tensor w = Oracles.Parameter(tensor(1.5));
        Tensor again = Alias(w);
        Func<Tensor> loss = () => (w * again - 0.7).square() / 2;

        using var hessian = new HessianOperator([w, again], [new LossTerm(loss)]);
        using var gaussNewton = new GaussNewtonOperator(
            [w, again], [new OutputTerm(() => w * again, OutputHessians.SquaredError(Reduction.Sum), 0.5)]);

        Assert.Equal((1, 1), (hessian.Size, gaussNewton.Size));
        Tensor one = ones(1, dtype: ScalarType.Float64);
        Assert.Equal(6 * 1.5 * 1.5 - 2 * 0.7, hessian.Apply(one).item<double>(), 1e-12);
        Assert.Equal(2 * 1.5 * (2 * 1.5), gaussNewton.Apply(one).item<double>(), 1e-12);
        Assert.Equal((1.5 * 1.5 - 0.7) * 2 * 1.5, hessian.Gradient().item<double>(), 1e-12);

        // Last: moving the parameter makes the kept graphs unusable.
        using var differences = new FiniteDifferenceHessianOperator([again, w], [new LossTerm(loss)]);
        Assert.Equal(1, differences.Size);
        Assert.Equal(6 * 1.5 * 1.5 - 2 * 0.7, differences.Apply(one).item<double>(), 1e-5);
    }

    [Fact]
    public void Given_an_embedding_tied_to_the_last_layer_then_the_matrix_is_the_one_of_the_single_weight()
    {
        using var net = new TiedNet();
        Tensor texts = tensor(new long[,] { { 0, 3, 1 }, { 2, 2, 4 } });
        Tensor labels = tensor(new long[,] { { 3, 1, 0 }, { 2, 4, 4 } });
        var loss = new ModuleLoss(
            net, [new ModuleBatch(texts, labels)], Criterion.CrossEntropy(), BatchNormPolicy.RunningStatistics, DropoutPolicy.Off);

        Assert.Equal(15, loss.Parameters.Size);
        Assert.Single(loss.Parameters.Names);
        using HessianOperator hessian = loss.Hessian();
        Tensor weight = Oracles.Parameter(net.Weight);
        Tensor oracle = Oracles.DifferencedHessian([weight], () => functional.cross_entropy(
            functional.linear(weight.index_select(0, texts.flatten()).view(2, 3, 3), weight).movedim([2], [1]), labels));
        Tensor dense = Oracles.Dense(hessian);
        Assert.True(Oracles.Difference(oracle, dense) < 1e-9, $"{Oracles.Difference(oracle, dense)}");
        using EigenResult largest = Lanczos.Largest(hessian, new LanczosOptions { Tolerance = 1e-9 });
        Assert.Equal(Oracles.Spectrum(oracle)[0], largest.Lambda1, 1e-8);
    }

    [Fact]
    public void Given_objects_of_one_tensor_under_two_names_then_the_first_name_stands()
    {
        Tensor a = Oracles.Parameter(ones(3));
        Tensor b = Oracles.Parameter(zeros(2));

        ParameterSelection selection = ParameterSelection.Of([("in.weight", a), ("bias", b), ("out.weight", Alias(a))]);

        Assert.Equal(["in.weight", "bias"], selection.Names);
        Assert.Equal(5, selection.Size);
    }

    [Theory]
    [InlineData("whole")]
    [InlineData("part")]
    [InlineData("column")]
    public void Given_a_leaf_over_the_memory_of_another_then_it_is_refused_by_name(string view)
    {
        Tensor a = Oracles.Parameter(Oracles.Random(1, 4, 4));
        Tensor detached = a.detach();
        Tensor other = (view == "whole" ? detached : view == "part" ? detached.narrow(0, 1, 2) : detached.narrow(1, 3, 1)).requires_grad_();

        string named = Assert.Throws<ArgumentException>(() => ParameterSelection.Of([("a", a), ("b", other)])).Message;
        string counted = Assert.Throws<ArgumentException>(
            () => new HessianOperator([a, other], [new LossTerm(() => a.sum() + other.sum())])).Message;

        Assert.Contains("'b'", named, StringComparison.Ordinal);
        Assert.Contains("same memory", named, StringComparison.Ordinal);
        Assert.Contains("parameters[1]", counted, StringComparison.Ordinal);
    }

    // Parts of one vector, as flat parameters are, and even columns between odd ones.
    [Fact]
    public void Given_leaves_side_by_side_in_one_memory_then_they_are_different_parameters()
    {
        Tensor flat = Oracles.Random(2, 12);
        Tensor first = flat.narrow(0, 0, 5).requires_grad_();
        Tensor rest = flat.narrow(0, 5, 7).requires_grad_();
        Tensor matrix = Oracles.Random(3, 4, 4);
        Tensor even = matrix.view(4, 2, 2).select(2, 0).requires_grad_();
        Tensor odd = matrix.view(4, 2, 2).select(2, 1).requires_grad_();

        Assert.Equal(12, ParameterSelection.Of([("first", first), ("rest", rest)]).Size);
        Assert.Equal(16, ParameterSelection.Of([("even", even), ("odd", odd)]).Size);
    }

    private static Tensor Alias(Tensor tensor)
    {
        Tensor again = tensor.contiguous();
        Assert.NotEqual(tensor.Handle, again.Handle);
        return again;
    }

    private sealed class TiedNet : Module<Tensor, Tensor>
    {
        private readonly Embedding _embedding = Embedding(5, 3, dtype: ScalarType.Float64);
        private readonly Linear _last = Linear(3, 5, hasBias: false, dtype: ScalarType.Float64);

        internal TiedNet()
            : base(nameof(TiedNet))
        {
            using (no_grad())
            {
                _embedding.weight!.copy_(Oracles.Random(7, 5, 3));
            }

            // A second object of the same tensor, as reading a property may give.
            _last.weight = new Parameter(_embedding.weight!.contiguous());
            RegisterComponents();
            Assert.Equal(2, named_parameters().Count());
        }

        internal Tensor Weight => _embedding.weight!;

        public override Tensor forward(Tensor input) => _last.forward(_embedding.forward(input)).movedim([2], [1]);
    }
}
