using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests.Solvers;

public sealed class LanczosTests : IDisposable
{
    private static readonly LanczosOptions Tight = new() { Tolerance = 1e-9 };

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Given_a_prescribed_spectrum_then_the_largest_values_are_found_exactly()
    {
        double[] spectrum = [9, 7, 4, .. Enumerable.Range(0, 57).Select(i => i / 57.0)];
        using var matrix = new MatrixOperator(Oracles.Symmetric(spectrum, 1));

        using EigenResult result = Lanczos.Largest(matrix, Tight with { Count = 3 });

        Assert.True(result.Converged);
        Assert.Equal(9, result.Values[0], 1e-10);
        Assert.Equal(7, result.Values[1], 1e-10);
        Assert.Equal(4, result.Values[2], 1e-10);
        Assert.True(double.IsNaN(result.GapRatio), "one vector's space does not show copies");
        Assert.True(result.Products < 60, $"{result.Products} products");
    }

    [Fact]
    public void Given_a_negative_eigenvalue_of_larger_magnitude_then_the_largest_algebraic_one_is_returned()
    {
        double[] spectrum = [3, 1, .. Enumerable.Range(0, 46).Select(i => -i / 46.0), -8, -20];
        using var matrix = new MatrixOperator(Oracles.Symmetric(spectrum, 2));

        using EigenResult result = Lanczos.Largest(matrix, Tight);

        Assert.Equal(3, result.Lambda1, 1e-10);
        Assert.Equal(-20, result.Smallest, 1e-6);
    }

    [Fact]
    public void Given_only_negative_eigenvalues_then_the_one_nearest_zero_is_returned()
    {
        using var matrix = new MatrixOperator(Oracles.Symmetric([-1, -2, -3, -50], 3));

        using EigenResult result = Lanczos.Largest(matrix, Tight);

        Assert.True(result.Converged);
        Assert.Equal(-1, result.Lambda1, 1e-10);
    }

    [Fact]
    public void Given_a_loose_tolerance_then_the_reported_residual_is_the_true_one()
    {
        double[] spectrum = [.. Enumerable.Range(1, 80).Select(i => 100.0 / i)];
        Tensor dense = Oracles.Symmetric(spectrum, 4);
        using var matrix = new MatrixOperator(dense);

        using EigenResult result = Lanczos.Largest(matrix, new LanczosOptions { Tolerance = 1e-2, Count = 2, ReturnVectors = true });

        for (int i = 0; i < 2; i++)
        {
            Tensor vector = result.Vectors![i];
            double residual = linalg.vector_norm(dense.mv(vector) - vector * result.Values[i]).item<double>();
            Assert.Equal(residual, result.Residuals[i], 1e-10);
            Assert.True(residual <= 1e-2 * result.Values[i]);
            Assert.True(spectrum.Min(value => Math.Abs(value - result.Values[i])) <= residual + 1e-12);
        }

        Assert.True(result.Residuals[1] > 1e-6, "the test is about a residual that is not just rounding");
    }

    [Fact]
    public void Given_a_wide_spectrum_and_many_products_then_the_vectors_stay_orthonormal()
    {
        // Without re-orthogonalisation the early converged 1e6 comes back as ghosts.
        double[] spectrum = [1e6, 5e5, .. Enumerable.Range(0, 118).Select(i => Math.Pow(0.9, i))];
        using var matrix = new MatrixOperator(Oracles.Symmetric(spectrum, 5));

        using EigenResult result = Lanczos.Largest(matrix, Tight with { Tolerance = 1e-8, Count = 12, ReturnVectors = true, MaximumProducts = 120 });

        Assert.True(result.Converged);
        double deviation = Oracles.Difference(result.Vectors!.mm(result.Vectors.t()), eye(12, dtype: ScalarType.Float64));
        Assert.True(deviation < 1e-10, $"deviation {deviation}");
        for (int i = 0; i < 12; i++)
        {
            Assert.Equal(spectrum[i], result.Values[i], 1e-8);
        }
    }

    [Fact]
    public void Given_a_zero_operator_then_zero_is_reported_as_converged()
    {
        using var matrix = new MatrixOperator(zeros(20, 20, dtype: ScalarType.Float64));

        using EigenResult one = Lanczos.Largest(matrix);
        using EigenResult three = Lanczos.Largest(matrix, new LanczosOptions { Count = 3 });

        Assert.True(one.Converged);
        Assert.Equal(0, one.Lambda1);
        Assert.Equal(1, one.Products);
        Assert.True(three.Converged);
        Assert.Equal([0, 0, 0], three.Values);
    }

    [Fact]
    public void Given_few_distinct_eigenvalues_then_the_breakdown_is_an_exact_answer()
    {
        double[] spectrum = [5, .. Enumerable.Repeat(1.0, 39)];
        using var matrix = new MatrixOperator(Oracles.Symmetric(spectrum, 6));

        using EigenResult result = Lanczos.Largest(matrix, Tight with { Tolerance = 1e-12 });

        Assert.True(result.Converged);
        Assert.Equal(5, result.Lambda1, 1e-12);
        Assert.InRange(result.Products, 2, 3);
    }

    [Fact]
    public void Given_a_multiple_eigenvalue_and_several_wanted_then_every_copy_is_found()
    {
        using var matrix = new MatrixOperator(Oracles.Symmetric([5, 5, 5, .. Enumerable.Repeat(1.0, 27)], 7));

        using EigenResult result = Lanczos.Largest(matrix, Tight with { Count = 4 });

        Assert.True(result.Converged);
        Assert.Equal(5, result.Values[0], 1e-10);
        Assert.Equal(5, result.Values[1], 1e-10);
        Assert.Equal(5, result.Values[2], 1e-10);
        Assert.Equal(1, result.Values[3], 1e-10);
    }

    [Fact]
    public void Given_a_start_on_the_second_eigenvector_then_the_breakdown_leads_on_to_the_first()
    {
        double[] spectrum = [6, 4, 3, 2, 1, 0.5, 0.25, 0];
        using var matrix = new MatrixOperator(diag(tensor(spectrum)));
        Tensor second = zeros(8, dtype: ScalarType.Float64);
        second[1] = 1;

        using EigenResult result = Lanczos.Largest(matrix, Tight with { Start = second });

        Assert.True(result.Converged);
        Assert.Equal(6, result.Lambda1, 1e-10);
    }

    [Fact]
    public void Given_the_gradient_of_a_separable_quadratic_as_start_then_all_eigenvalues_are_twice_its_factors()
    {
        // sum d_i w_i^2 has the gradient 2 d_i w_i and the eigenvalues 2 d_i.
        double[] factors = [4, 2.5, 1.5, 0.5];
        using Tensor weights = Oracles.Parameter(tensor(new[] { 1.0, -2.0, 0.5, 3.0 }));
        using var hessian = new HessianOperator([weights], [new LossTerm(() => (tensor(factors) * weights * weights).sum())]);

        using Tensor gradient = hessian.Gradient();
        using EigenResult result = Lanczos.Largest(hessian, Tight with { Start = gradient, Count = 4 });

        Assert.Equal([8, 5, 3, 1], result.Values.Select(value => Math.Round(value, 10)));
        Assert.Equal([8, -10, 1.5, 3], Oracles.Numbers(gradient));
    }

    [Fact]
    public void Given_the_same_seed_then_every_bit_is_the_same_and_the_global_random_state_is_left_alone()
    {
        using var matrix = new MatrixOperator(Oracles.Symmetric([.. Enumerable.Range(1, 50).Select(i => 10.0 / i)], 8).to(ScalarType.Float32));
        random.manual_seed(3);
        using Tensor before = random.get_rng_state().clone();

        using EigenResult first = Lanczos.Largest(matrix, new LanczosOptions { Seed = 11, ReturnVectors = true });
        using EigenResult again = Lanczos.Largest(matrix, new LanczosOptions { Seed = 11, ReturnVectors = true });
        using EigenResult other = Lanczos.Largest(matrix, new LanczosOptions { Seed = 12, ReturnVectors = true });

        Assert.Equal(first.Values, again.Values);
        Assert.Equal(first.Residuals, again.Residuals);
        Assert.True(first.Vectors!.equal(again.Vectors!).all().item<bool>());
        Assert.NotEqual(first.Lambda1, other.Lambda1);
        Assert.True(before.equal(random.get_rng_state()).all().item<bool>());
    }

    [Fact]
    public void Given_float32_products_then_the_value_is_good_to_seven_digits()
    {
        double[] spectrum = [123.456, 60, .. Enumerable.Range(0, 198).Select(i => 20 * Math.Sin(i))];
        using var matrix = new MatrixOperator(Oracles.Symmetric(spectrum, 9).to(ScalarType.Float32));

        using EigenResult result = Lanczos.Largest(matrix, new LanczosOptions { Tolerance = 1e-5 });

        Assert.True(result.Converged);
        Assert.Equal(123.456, result.Lambda1, 123.456 * 1e-6);
    }

    [Fact]
    public void Given_too_few_products_then_the_value_says_that_it_is_not_converged()
    {
        using var matrix = new MatrixOperator(Oracles.Symmetric([.. Enumerable.Range(1, 60).Select(i => (double)i)], 10));

        using EigenResult result = Lanczos.Largest(matrix, Tight with { MaximumProducts = 5 });

        Assert.False(result.Converged);
        Assert.Equal(5, result.Products);
        Assert.True(result.Residual > 0);
        Assert.True(result.Lambda1 < 60);
    }

    [Fact]
    public void Given_products_that_are_not_finite_then_the_result_says_so_without_throwing()
    {
        using EigenResult result = Lanczos.Largest(new BrokenOperator());

        Assert.False(result.Converged);
        Assert.True(double.IsNaN(result.Lambda1));
    }

    [Fact]
    public void Given_a_one_by_one_operator_then_its_entry_is_the_answer()
    {
        using var matrix = new MatrixOperator(tensor(new[] { -2.5 }).view(1, 1));

        using EigenResult result = Lanczos.Largest(matrix, new LanczosOptions { Count = 5 });

        Assert.True(result.Converged);
        Assert.Equal([-2.5], result.Values);
        Assert.True(double.IsNaN(result.GapRatio));
    }

    [Theory]
    [InlineData(0, 10, 1, "Tolerance")]
    [InlineData(double.NaN, 10, 1, "Tolerance")]
    [InlineData(0.1, 0, 1, "MaximumProducts")]
    [InlineData(0.1, 10, 0, "Count")]
    [InlineData(0.1, 10, 11, "Count")]
    public void Given_an_option_out_of_range_then_the_error_names_it(double tolerance, int products, int count, string name)
    {
        using var matrix = new MatrixOperator(eye(3, dtype: ScalarType.Float64));

        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => Lanczos.Largest(
            matrix, new LanczosOptions { Tolerance = tolerance, MaximumProducts = products, Count = count }));

        Assert.Equal(name, error.ParamName);
    }

    [Fact]
    public void Given_a_start_that_does_not_fit_then_the_error_says_why()
    {
        using var matrix = new MatrixOperator(eye(3, dtype: ScalarType.Float64));

        Assert.Contains("[4]", Assert.Throws<ArgumentException>(() => Lanczos.Largest(
            matrix, new LanczosOptions { Start = ones(4, dtype: ScalarType.Float64) })).Message);
        Assert.Contains("norm 0", Assert.Throws<ArgumentException>(() => Lanczos.Largest(
            matrix, new LanczosOptions { Start = zeros(3, dtype: ScalarType.Float64) })).Message);
    }

    private sealed class BrokenOperator : ISymmetricOperator
    {
        public long Size => 5;

        public Device Device => CPU;

        public ScalarType ScalarType => ScalarType.Float64;

        public Tensor Apply(Tensor vector) => full([5], double.NaN, dtype: ScalarType.Float64);
    }
}
