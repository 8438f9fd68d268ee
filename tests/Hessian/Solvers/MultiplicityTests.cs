using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests.Solvers;

/// <summary>Copies, and lambda1/lambda2, of spectra that are prescribed.</summary>
public sealed class MultiplicityTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    public static TheoryData<double[], int, double[], double> Spectra => new()
    {
        // Spectrum, values wanted, values, ratio.
        { [3, 3, 1], 1, [3], 1 },
        { [3, 3, 1], 2, [3, 3], 1 },
        { [3, 3, 1], 3, [3, 3, 1], 1 },
        { [5, 5, 5, 2, 2, 2], 4, [5, 5, 5, 2], 1 },
        { [2, 2, 2, 2, 2], 1, [2], 1 },
        { [2, 2, 2, 2, 2], 3, [2, 2, 2], 1 },
        { [-1, -1, -4], 1, [-1], 1 },
        { [-1, -2, -4], 1, [-1], 0.5 },
        { [6, 4, 1, 0.5], 1, [6], 1.5 },
        { [6, 4, 4, 1], 3, [6, 4, 4], 1.5 },
        { [2, -1], 1, [2], -2 },
        { [7], 1, [7], double.NaN },
        { [7], 3, [7], double.NaN },
        { [4, 0, 0, 0], 1, [4], double.NaN },
        { [4, 0, 0, 0], 2, [4, 0], double.NaN },
        { [0, 0, 0], 1, [0], double.NaN },
    };

    [Theory]
    [MemberData(nameof(Spectra))]
    public void Given_a_spectrum_then_every_copy_counts_in_either_type(double[] spectrum, int wanted, double[] values, double ratio)
    {
        foreach (ScalarType type in (ScalarType[])[ScalarType.Float64, ScalarType.Float32])
        {
            double error = type == ScalarType.Float32 ? 2e-6 : 1e-12;
            for (ulong seed = 0; seed < 5; seed++)
            {
                using var matrix = new MatrixOperator(Oracles.Symmetric(spectrum, seed).to(type));
                var options = new LanczosOptions { Count = wanted, ReturnVectors = true, Seed = seed };

                using EigenResult result = Multiplicity.Resolve(matrix, Lanczos.Largest(matrix, options), options);

                Assert.True(result.Converged);
                Assert.Equal(values.Length, result.Values.Length);
                Assert.All(values.Zip(result.Values), pair => Assert.Equal(pair.First, pair.Second, error * 8));
                Assert.Equal(ratio, result.GapRatio, error * 8);
                Assert.Equal([values.Length, spectrum.Length], result.Vectors!.shape);
            }
        }
    }

    /// <summary>Where the wanted residuals are small long before the space becomes invariant: the copy is never met by chance.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Given_a_large_matrix_with_copies_then_they_are_found_where_a_single_vector_misses_them(int wanted)
    {
        double[] spectrum = [5, 5, 5, 4, .. Enumerable.Range(0, 296).Select(i => i / 296.0)];
        using var matrix = new MatrixOperator(Oracles.Symmetric(spectrum, 3));
        var options = new LanczosOptions { Count = wanted, ReturnVectors = true, Tolerance = 1e-6, Seed = 7 };
        EigenResult single = Lanczos.Largest(matrix, options);
        Assert.True(wanted != 2 || single.Values[1] < 4.5);
        Assert.True(double.IsNaN(single.GapRatio));

        using EigenResult result = Multiplicity.Resolve(matrix, single, options);

        Assert.All(result.Values, value => Assert.Equal(5, value, 1e-9));
        Assert.Equal(1, result.GapRatio, 1e-9);
        Assert.True(result.Converged);
        Tensor gram = result.Vectors!.mm(result.Vectors.t());
        Assert.True(Oracles.Difference(gram, eye(wanted, dtype: ScalarType.Float64)) < 1e-9);
    }

    [Fact]
    public void Given_too_few_products_then_there_is_no_ratio_and_the_value_stands()
    {
        using var matrix = new MatrixOperator(Oracles.Symmetric([5, .. Enumerable.Range(0, 299).Select(i => 1 + i / 1000.0)], 3));
        var options = new LanczosOptions { ReturnVectors = true, Seed = 7 };

        using EigenResult result = Multiplicity.Resolve(
            matrix, Lanczos.Largest(matrix, options), options with { MaximumProducts = 2 });

        Assert.True(double.IsNaN(result.GapRatio));
        Assert.True(result.Converged);
        Assert.Equal(5, result.Lambda1, 1e-3);
    }

    [Fact]
    public void Given_no_vectors_or_a_product_that_is_not_finite_then_that_is_said()
    {
        using var matrix = new MatrixOperator(diag(tensor(new[] { 2.0, 1.0 })));
        using EigenResult without = Lanczos.Largest(matrix);
        Assert.Throws<ArgumentException>(() => Multiplicity.Resolve(matrix, without));

        using var broken = new MatrixOperator(diag(tensor(new[] { double.NaN, 1.0 })));
        using EigenResult result = Multiplicity.Resolve(broken, Lanczos.Largest(broken, new LanczosOptions { ReturnVectors = true }));
        Assert.True(double.IsNaN(result.GapRatio));
        Assert.False(result.Converged);
    }
}
