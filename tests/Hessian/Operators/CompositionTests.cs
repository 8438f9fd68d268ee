using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests.Operators;

public sealed class CompositionTests : IDisposable
{
    private static readonly LanczosOptions Tight = new() { Tolerance = 1e-11 };

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _dense = Oracles.Symmetric([6, 4, 3, 1, 0, -2, -9], 1);
    private readonly MatrixOperator _matrix;

    public CompositionTests() => _matrix = new MatrixOperator(_dense);

    public void Dispose()
    {
        _matrix.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void Given_a_factor_then_every_eigenvalue_is_multiplied_and_a_negative_one_turns_the_spectrum_over()
    {
        Assert.True(Oracles.Difference(_dense * 2.5, Oracles.Dense(new ScaledOperator(_matrix, 2.5))) < 1e-14);
        Assert.Equal(9, Lanczos.Largest(new ScaledOperator(_matrix, -1), Tight).Lambda1, 1e-10);
    }

    [Fact]
    public void Given_several_operators_then_the_sum_is_the_sum_of_the_matrices()
    {
        Tensor other = Oracles.Symmetric([1, 1, 2, 3, 5, 8, 13], 2);
        using var second = new MatrixOperator(other);

        Assert.True(Oracles.Difference(_dense + other + other * -2, Oracles.Dense(
            new SumOperator(_matrix, second, new ScaledOperator(second, -2)))) < 1e-13);
        Assert.True(Oracles.Difference(_dense, Oracles.Dense(new SumOperator(_matrix))) == 0);
    }

    [Fact]
    public void Given_known_pairs_then_they_go_to_zero_and_the_next_value_comes_to_the_top()
    {
        using EigenResult top = Lanczos.Largest(_matrix, Tight with { Count = 2, ReturnVectors = true });
        using var deflated = new DeflatedOperator(_matrix, top.Values, top.Vectors!);

        Assert.Equal([3, 1, 0, 0, 0, -2, -9], Oracles.Spectrum(Oracles.Dense(deflated)).Select(value => Math.Round(value, 9) + 0));
        Assert.Equal(3, Lanczos.Largest(deflated, Tight).Lambda1, 1e-9);
    }

    [Fact]
    public void Given_a_block_of_vectors_then_every_operator_gives_the_rows_that_single_products_give()
    {
        using EigenResult top = Lanczos.Largest(_matrix, Tight with { Count = 2, ReturnVectors = true });
        using var deflated = new DeflatedOperator(_matrix, top.Values, top.Vectors!);
        using var preconditioned = new PreconditionedOperator(_matrix, Oracles.Random(3, 7).abs() + 0.1);
        ISymmetricOperator[] all =
        [
            _matrix, deflated, preconditioned, new ShiftedOperator(_matrix, 0.5), new ScaledOperator(_matrix, 3),
            new SumOperator(_matrix, deflated), new OnlySingle(_matrix),
        ];
        Tensor vectors = Oracles.Random(4, 3, 7);
        Tensor before = vectors.clone();

        foreach (ISymmetricOperator one in all)
        {
            Tensor expected = stack([.. Enumerable.Range(0, 3).Select(row => one.Apply(vectors[row]))]);
            Assert.True(Oracles.Difference(expected, one.ApplyBlock(vectors)) < 1e-13, one.GetType().Name);
            Assert.Contains("[3]", Assert.Throws<ArgumentException>(() => one.ApplyBlock(vectors[0].narrow(0, 0, 3))).Message);
            Assert.Contains("Float32", Assert.Throws<ArgumentException>(() => one.ApplyBlock(vectors.to(ScalarType.Float32))).Message);
        }

        Assert.True(vectors.equal(before).all().item<bool>());
    }

    [Fact]
    public void Given_arguments_that_cannot_work_then_the_error_names_them()
    {
        using var small = new MatrixOperator(eye(3, dtype: ScalarType.Float64));
        Tensor unit = eye(7, dtype: ScalarType.Float64);

        Assert.Throws<ArgumentOutOfRangeException>(() => new ScaledOperator(_matrix, double.NaN));
        Assert.Contains("no summands", Assert.Throws<ArgumentException>(() => new SumOperator()).Message);
        Assert.Contains("summands[1]", Assert.Throws<ArgumentException>(() => new SumOperator(_matrix, small)).Message);
        Assert.Contains("2 values for 1", Assert.Throws<ArgumentException>(
            () => new DeflatedOperator(_matrix, [1, 2], unit.narrow(0, 0, 1))).Message);
        Assert.Contains("NaN", Assert.Throws<ArgumentException>(
            () => new DeflatedOperator(_matrix, [double.NaN], unit.narrow(0, 0, 1))).Message);
        Assert.Contains("orthonormal", Assert.Throws<ArgumentException>(
            () => new DeflatedOperator(_matrix, [1], unit.narrow(0, 0, 1) * 2)).Message);
    }

    private sealed class OnlySingle(ISymmetricOperator inner) : ISymmetricOperator
    {
        public long Size => inner.Size;

        public Device Device => inner.Device;

        public ScalarType ScalarType => inner.ScalarType;

        public Tensor Apply(Tensor vector) => inner.Apply(vector);
    }
}
