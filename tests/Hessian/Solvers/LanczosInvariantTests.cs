using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests.Solvers;

public sealed class LanczosInvariantTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Given_an_indefinite_matrix_then_both_ends_are_found_with_intervals_that_hold_an_eigenvalue()
    {
        double[] spectrum = [3, 2.5, .. Enumerable.Range(0, 76).Select(i => 1 - i / 38.0), -12, -20];
        Tensor dense = Oracles.Symmetric(spectrum, 1);
        using var matrix = new MatrixOperator(dense);
        var options = new LanczosOptions { Count = 2, Tolerance = 1e-3, ReturnVectors = true };

        using EigenResult largest = Lanczos.Largest(matrix, options);
        using SmallestEigenResult smallest = Lanczos.Smallest(matrix, options);

        Assert.True(largest.Converged && smallest.Converged);
        Assert.Equal(3, largest.Lambda1, 1e-5);
        Assert.Equal(-20, smallest.LambdaMin, 1e-4);
        Assert.Equal(-12, smallest.Values[1], 1e-4);
        Assert.Equal(-20.0 / 3, largest.SmallestRatio, 1e-3);
        foreach ((double low, double high) in largest.Intervals.Concat(smallest.Intervals))
        {
            Assert.Contains(spectrum, value => low - 1e-12 <= value && value <= high + 1e-12);
        }

        for (int i = 0; i < 2; i++)
        {
            Tensor vector = smallest.Vectors![i];
            Assert.Equal(
                linalg.vector_norm(dense.mv(vector) - vector * smallest.Values[i]).item<double>(), smallest.Residuals[i], 1e-10);
        }
    }

    [Theory]
    [InlineData(ScalarType.Float64, 1e-12)]
    [InlineData(ScalarType.Float32, 2e-5)]
    public void Given_the_vectors_that_were_multiplied_then_they_are_an_orthonormal_basis_with_a_three_term_relation(
        ScalarType type, double tolerance)
    {
        // Magnitudes from 1e-6 to 30, both signs: what makes a basis lose its orthogonality.
        double[] spectrum = [30, -25, .. Enumerable.Range(0, 98).Select(i => Math.Pow(0.85, i) * (i % 3 == 0 ? -1 : 1))];
        Tensor dense = Oracles.Symmetric(spectrum, 3);
        var recording = new RecordingOperator(new MatrixOperator(dense.to(type)));

        using EigenResult result = Lanczos.Largest(
            recording, new LanczosOptions { Tolerance = 1e-15, Count = 20, MaximumProducts = 41 });

        Assert.Equal(41, recording.Count);
        Tensor all = recording.Vectors().to(ScalarType.Float64);
        Tensor basis = all.narrow(1, 0, 40);
        Tensor next = all.select(1, 40);
        Tensor image = dense.mm(basis);
        Tensor projected = basis.t().mm(image);
        double beta = linalg.vector_norm(image.select(1, 39) - basis.mv(projected.select(1, 39))).item<double>();

        Assert.True(Oracles.Difference(all.t().mm(all), eye(41, dtype: ScalarType.Float64)) < tolerance);
        Assert.True(Oracles.Difference(projected.triu(2), zeros_like(projected)) < 30 * tolerance);
        Tensor rest = image - basis.mm(projected);
        rest.select(1, 39).sub_(next * beta);
        double left = linalg.matrix_norm(rest).item<double>();
        Assert.True(beta > 1e-4 && left < 30 * tolerance, $"beta {beta}, left {left}");
        double[] ritz = Oracles.Spectrum(all.t().mm(dense.mm(all)));
        Assert.Equal(ritz[0], result.Lambda1, 30 * tolerance);
    }

    [Fact]
    public void Given_m_steps_then_T_has_the_moments_of_the_start_vector_up_to_degree_2m_minus_1_and_not_further()
    {
        const int Steps = 6;
        Tensor dense = Oracles.Symmetric([.. Enumerable.Range(0, 60).Select(i => 2 * Math.Sin(i))], 4);
        var recording = new RecordingOperator(new MatrixOperator(dense));

        using EigenResult result = Lanczos.Largest(recording, new LanczosOptions { Tolerance = 1e-15, MaximumProducts = Steps });

        Tensor basis = recording.Vectors();
        Tensor projected = basis.t().mm(dense.mm(basis));
        Tensor start = basis.select(1, 0);
        Tensor small = eye(Steps, dtype: ScalarType.Float64)[0];
        (Tensor powered, Tensor coordinates) = (start, small);
        for (int degree = 1; degree <= 2 * Steps; degree++)
        {
            powered = dense.mv(powered);
            coordinates = projected.mv(coordinates);
            double moment = start.dot(powered).item<double>();
            double difference = Math.Abs(moment - small.dot(coordinates).item<double>());
            Assert.True(degree < 2 * Steps ? difference < 1e-10 : difference > 1e-3, $"degree {degree}: {difference}");
        }
    }

    [Fact]
    public void Given_a_degenerate_top_pair_and_one_wanted_then_the_value_is_right_and_the_copy_is_not_seen()
    {
        using var matrix = new MatrixOperator(Oracles.Symmetric([5, 5, .. Enumerable.Range(0, 38).Select(i => i / 38.0)], 2));

        using EigenResult one = Lanczos.Largest(matrix, new LanczosOptions { Tolerance = 1e-8 });

        Assert.True(one.Converged);
        Assert.Equal(5, one.Lambda1, 1e-10);
        Assert.True(double.IsNaN(one.GapRatio), "single-vector Lanczos sees one direction of the pair");
    }

    [Fact]
    public void Given_a_vector_then_its_shares_are_those_of_its_squared_norm_by_name()
    {
        Nets net = Nets.Of("mlp");
        Tensor vector = zeros(net.Named.Size, dtype: ScalarType.Float64);
        vector[0] = 3;
        vector[20] = 4;

        Assert.Equal(
            [("1.weight", 0.36), ("1.bias", 0.64), ("2.weight", 0.0), ("2.bias", 0.0)],
            EigenvectorShares.Of(vector, net.Named).Select(share => (share.Name, Math.Round(share.Share, 12))));
        Assert.Contains("norm 0", Assert.Throws<ArgumentException>(() => EigenvectorShares.Of(vector * 0, net.Named)).Message);
        Assert.Contains("[3]", Assert.Throws<ArgumentException>(() => EigenvectorShares.Of(ones(3), net.Named)).Message);
    }
}
