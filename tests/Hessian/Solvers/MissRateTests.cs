using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests.Solvers;

/// <summary>
/// How often what a solver says is wrong, on diagonal matrices: in any other basis random directions are distributed in
/// the same way. With one miss in 200 at most, more than 9 in 400 have a probability below 5e-5 (binomial). The rates over
/// more seeds and spectra are in docs/curvature.md.
/// </summary>
public sealed class MissRateTests
{
    private const int Seeds = 400;
    private const int Most = 9;

    [Theory]
    [InlineData(1e-2, 0.96)]
    [InlineData(1e-3, 0.995)]
    public void Given_two_values_that_lie_close_then_the_second_is_seldom_taken_for_the_first(double tolerance, double second)
    {
        using var target = new SpectrumOperator([1, second, .. Bulk(200, -0.1, 0.2)]);
        int misses = Enumerable.Range(0, Seeds).Count(seed =>
        {
            using EigenResult result = Lanczos.Largest(target, new LanczosOptions { Tolerance = tolerance, Seed = (ulong)seed });
            Assert.True(result.Converged);
            return 1 - result.Lambda1 > 3 * tolerance;
        });

        Assert.True(misses <= Most, $"{misses} of {Seeds}");
    }

    [Fact]
    public void Given_ten_parameters_then_no_start_misses_and_ten_products_suffice()
    {
        double[] spectrum = [1, 0.98, 0.5, 0.3, 0.1, 0.05, 0, -0.01, -0.2, -0.3];
        using var target = new SpectrumOperator(spectrum);
        for (int seed = 0; seed < Seeds; seed++)
        {
            using EigenResult result = Lanczos.Largest(target, new LanczosOptions { Tolerance = 1e-2, Seed = (ulong)seed });

            Assert.InRange(1, result.Intervals[0].Low, result.Intervals[0].High);
            Assert.True(result.Converged && result.Products <= 10);
        }
    }

    [Fact]
    public void Given_a_small_outlier_above_the_level_then_what_is_called_complete_seldom_lacks_it()
    {
        using var target = new SpectrumOperator([5, 3, 1.12, .. Bulk(400, -0.2, 0.8)]);
        int misses = Enumerable.Range(0, Seeds).Count(seed =>
        {
            using var tracker = new EigenvalueTracker(new EigenvalueTrackerOptions { Level = 1, Seed = (ulong)seed });
            TrackedEigenvalues result = tracker.Update(target);
            Assert.True(result.Complete);
            return result.Values.Length < 3;
        });

        Assert.True(misses <= Most, $"{misses} of {Seeds}");
    }

    [Fact]
    public void Given_a_jump_from_a_direction_that_is_not_carried_then_a_challenged_update_seldom_overlooks_it()
    {
        using var before = new SpectrumOperator([1, 0, 0.4, .. Bulk(400, -0.2, 0.5)]);
        using var after = new SpectrumOperator([1, 1.12, 0.4, .. Bulk(400, -0.2, 0.5)]);
        int misses = Enumerable.Range(0, Seeds).Count(seed =>
        {
            using var solver = new WarmStartedSolver(new WarmStartOptions { ChallengeEvery = 1, Seed = (ulong)seed });
            solver.Update(before).Dispose();
            using EigenResult result = solver.Update(after);
            Assert.True(result.Converged);
            return result.Lambda1 < 1.1;
        });

        Assert.True(misses <= Most, $"{misses} of {Seeds}");
    }

    private static double[] Bulk(int size, double low, double high) =>
        [.. Enumerable.Range(0, size).Select(i => low + (high - low) * i / (size - 1))];

    private sealed class SpectrumOperator(double[] eigenvalues, ScalarType type = ScalarType.Float32) : ISymmetricOperator, IDisposable
    {
        private readonly Tensor _diagonal = tensor(eigenvalues, dtype: ScalarType.Float64).to(type).DetachFromDisposeScope();

        public long Size => eigenvalues.Length;

        public Device Device => CPU;

        public ScalarType ScalarType => _diagonal.dtype;

        public Tensor Apply(Tensor vector) => _diagonal * vector;

        public void Dispose() => _diagonal.Dispose();
    }
}
