using CurvatureActors.Hessian.Estimators;
using CurvatureActors.Hessian.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests.Estimators;

public sealed class SpectralDensityTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Given_a_diagonal_quadratic_and_its_gradient_then_nodes_are_2d_and_weights_the_shares_of_the_gradient()
    {
        // loss = sum d_i w_i^2, so H = diag(2 d) and g_i = 2 d_i w_i.
        double[] d = [5, 3, 1, -2];
        double[] w = [0.3, -1, 2, 0.7];
        double[] g = [.. d.Zip(w, (di, wi) => 2 * di * wi)];
        using var hessian = new MatrixOperator(diag(tensor(d) * 2));

        LanczosQuadrature quadrature = LanczosQuadrature.From(hessian, tensor(g), steps: 10);

        double square = g.Sum(gi => gi * gi);
        int[] order = [.. Enumerable.Range(0, 4).OrderByDescending(i => d[i])];
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(2 * d[order[i]], quadrature.Nodes[i], 1e-12);
            Assert.Equal(g[order[i]] * g[order[i]] / square, quadrature.Weights[i], 1e-12);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    public void Given_m_steps_then_powers_up_to_2m_minus_1_are_exact_and_the_next_is_not(int steps)
    {
        Tensor dense = Oracles.Symmetric([.. Enumerable.Range(0, 25).Select(i => Math.Cos(i) * 1.3)], 4);
        Tensor start = Oracles.Random(5, 25);
        using var matrix = new MatrixOperator(dense);
        LanczosQuadrature quadrature = LanczosQuadrature.From(matrix, start, steps);

        Tensor power = start.clone();
        double norm = start.dot(start).item<double>();
        for (int k = 0; k <= 2 * steps; k++)
        {
            double exact = start.dot(power).item<double>() / norm;
            double found = quadrature.Integrate(value => Math.Pow(value, k));
            if (k < 2 * steps)
            {
                Assert.Equal(exact, found, 1e-11);
            }
            else
            {
                Assert.True(Math.Abs(exact - found) > 1e-6, $"power {k} should not be exact after {steps} steps");
            }

            power = dense.mv(power);
        }
    }

    [Fact]
    public void Given_a_prescribed_spectrum_then_the_density_integrates_to_1_and_lies_where_the_eigenvalues_are()
    {
        // 300 eigenvalues near 0, 60 at 4, 40 at -2.
        double[] spectrum = [.. Enumerable.Repeat(0.0, 300), .. Enumerable.Repeat(4.0, 60), .. Enumerable.Repeat(-2.0, 40)];
        using var matrix = new MatrixOperator(Oracles.Symmetric(spectrum, 6));

        var density = SpectralDensity.Estimated(matrix, new SpectralDensityOptions { Probes = 20, Steps = 12, Seed = 7 });

        Assert.Equal(1, Share(density, double.NegativeInfinity, double.PositiveInfinity), 1e-6);
        double[] shares = [Share(density, -2.5, -1.5), Share(density, -0.5, 0.5), Share(density, 3.5, 4.5)];
        double[] expected = [0.1, 0.75, 0.15];
        for (int i = 0; i < 3; i++)
        {
            // A share p over k probes of dimension N has standard error about sqrt(2 p (1 - p) / (N k)).
            double error = Math.Sqrt(2 * expected[i] * (1 - expected[i]) / (400 * 20));
            Assert.InRange(shares[i], expected[i] - (4 * error), expected[i] + (4 * error));
        }

        Assert.All(density.StandardError, error => Assert.True(error >= 0));
    }

    [Fact]
    public void Given_a_prescribed_spectrum_then_the_moments_are_within_4_standard_errors()
    {
        double[] spectrum = [.. Enumerable.Range(1, 200).Select(i => 10.0 / i)];
        using var matrix = new MatrixOperator(Oracles.Symmetric(spectrum, 8));

        var density = SpectralDensity.Estimated(matrix, new SpectralDensityOptions { Probes = 30, Steps = 15, Seed = 9 });

        for (int power = 1; power <= 3; power++)
        {
            Estimate moment = density.Moment(power);
            double exact = spectrum.Average(value => Math.Pow(value, power));
            Assert.InRange(moment.Value, exact - (4 * moment.StandardError), exact + (4 * moment.StandardError));
        }
    }

    [Fact]
    public void Given_zero_curvature_then_all_of_the_density_lies_at_zero()
    {
        using var matrix = new MatrixOperator(zeros(9, 9, dtype: ScalarType.Float64));

        var density = SpectralDensity.Estimated(matrix, new SpectralDensityOptions { Probes = 2, Steps = 5 });

        Assert.All(density.Quadratures, quadrature => Assert.Equal([0.0], quadrature.Nodes));
        Assert.Equal(1, Share(density, -0.1, 0.1), 1e-6);
    }

    [Fact]
    public void Given_the_same_seed_then_the_same_bits_and_given_another_then_not()
    {
        using var matrix = new MatrixOperator(Oracles.Symmetric([.. Enumerable.Range(0, 20).Select(i => (double)i)], 10));

        SpectralDensity One(ulong seed) => SpectralDensity.Estimated(matrix, new SpectralDensityOptions { Steps = 6, Seed = seed });

        Assert.Equal(One(1).Density, One(1).Density);
        Assert.NotEqual(One(1).Density, One(2).Density);
    }

    [Fact]
    public void Given_options_out_of_range_then_the_error_names_them()
    {
        using var matrix = new MatrixOperator(eye(3, dtype: ScalarType.Float64));
        Assert.Throws<ArgumentOutOfRangeException>(() => SpectralDensity.Estimated(matrix, new SpectralDensityOptions { Probes = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => SpectralDensity.Estimated(matrix, new SpectralDensityOptions { Steps = 0 }));
        Assert.Contains("RelativeBandwidth", Assert.Throws<ArgumentOutOfRangeException>(
            () => SpectralDensity.Estimated(matrix, new SpectralDensityOptions { RelativeBandwidth = 0 })).Message, StringComparison.Ordinal);
    }

    /// <summary>Integral of the density between two values by the trapezoidal rule.</summary>
    private static double Share(SpectralDensity density, double from, double to)
    {
        double sum = 0;
        for (int i = 1; i < density.Grid.Count; i++)
        {
            if (density.Grid[i - 1] >= from && density.Grid[i] <= to)
            {
                sum += (density.Grid[i] - density.Grid[i - 1]) * (density.Density[i] + density.Density[i - 1]) / 2;
            }
        }

        return sum;
    }
}
