using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests.Operators;

public sealed class SymmetryTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Given_a_matrix_that_is_not_symmetric_then_it_is_refused_with_both_numbers()
    {
        Tensor skew = Oracles.Symmetric([5, 3, 1, -2], 1);
        skew[0, 3] = skew[0, 3] + 0.5;

        string message = Assert.Throws<NonSymmetricOperatorException>(() => Symmetry.Require(new Plain(skew))).Message;

        Assert.Contains("u'Av", message, StringComparison.Ordinal);
        Assert.Contains("not symmetric", message, StringComparison.Ordinal);
    }

    // Every size and scale that rounding is measured against; a check that refused one of them would refuse honest nets.
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Given_symmetric_matrices_then_rounding_is_no_asymmetry(ScalarType type)
    {
        for (ulong seed = 0; seed < 40; seed++)
        {
            double scale = Math.Pow(10, ((int)seed % 9) - 4);
            Tensor matrix = (Oracles.Symmetric([.. Enumerable.Range(0, 60).Select(i => Math.Pow(0.7, i) * scale)], seed)).to(type);
            Symmetry.Require(new Plain(matrix), seed);
        }
    }

    // An antisymmetric part of a tenth of the matrix: seen by nearly every pair of vectors, and so by the one that is drawn.
    [Fact]
    public void Given_a_tenth_of_asymmetry_in_float32_then_most_seeds_see_it()
    {
        Tensor random = Oracles.Random(5, 50, 50);
        Tensor symmetric = random + random.t();
        Tensor skew = random - random.t();
        Tensor matrix = (symmetric / symmetric.norm() + skew / skew.norm() * 0.1).to(ScalarType.Float32);

        int seen = Enumerable.Range(0, 100).Count(seed => Refused(new Plain(matrix), (ulong)seed));

        Assert.True(seen >= 95, $"{seen} of 100");
    }

    [Fact]
    public void Given_an_output_hessian_that_is_not_symmetric_then_the_checked_operator_is_refused_and_costs_two_products()
    {
        Tensor w = Oracles.Parameter(Oracles.Random(6, 3));
        Tensor x = Oracles.Random(7, 4, 3);
        int calls = 0;
        OutputHessian turned = (_, u) =>
        {
            calls++;
            return u.roll(1);
        };
        OutputTerm[] terms = [new OutputTerm(() => x.mv(w), turned)];

        Assert.Throws<NonSymmetricOperatorException>(
            () => new GaussNewtonOperator([w], terms, new OperatorOptions { CheckDeterminism = true }));
        Assert.Equal(2, calls);
        using var unchecked_ = new GaussNewtonOperator([w], terms);
        Assert.Equal(2, calls);
    }

    private static bool Refused(ISymmetricOperator target, ulong seed)
    {
        try
        {
            Symmetry.Require(target, seed);
            return false;
        }
        catch (NonSymmetricOperatorException)
        {
            return true;
        }
    }

    private sealed class Plain(Tensor matrix) : ISymmetricOperator
    {
        public long Size => matrix.shape[0];

        public Device Device => matrix.device;

        public ScalarType ScalarType => matrix.dtype;

        public Tensor Apply(Tensor vector) => matrix.mv(vector);
    }
}
