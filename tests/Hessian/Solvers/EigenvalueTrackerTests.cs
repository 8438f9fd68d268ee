using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests.Solvers;

public sealed class EigenvalueTrackerTests : IDisposable
{
    private static readonly EigenvalueTrackerOptions AboveFive = new() { Level = 5, Tolerance = 1e-5 };

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(ScalarType.Float64, 1e-5, 1e-8)]
    [InlineData(ScalarType.Float32, 1e-4, 2e-5)]
    public void Given_a_spectrum_that_drifts_in_a_turning_basis_then_every_value_above_the_level_is_there(
        ScalarType type, double tolerance, double accuracy)
    {
        using var tracker = new EigenvalueTracker(AboveFive with { Tolerance = tolerance });
        double rounding = type == ScalarType.Float32 ? 1e-4 : 1e-12;
        for (int update = 0; update < 15; update++)
        {
            // Two cross each other, one sinks below the level, one climbs above it, and one pair is double.
            double[] top = [12 - 0.2 * update, 10 + 0.1 * update, 8, 8, 6.5 - 0.2 * update, 3.9 + 0.2 * update];
            Tensor dense = Turned(top, 100, update);
            using var matrix = new MatrixOperator(dense.to(type));

            TrackedEigenvalues result = tracker.Update(matrix);

            double[] expected = [.. top.Where(value => value > 5).OrderDescending()];
            Assert.True(result.Converged && result.Complete, $"update {update}: {result.Products} {string.Join(" ", result.Values)} / {string.Join(" ", result.Residuals)}");
            Assert.Equal(expected.Length, result.Values.Length);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.Equal(expected[i], result.Values[i], accuracy);
                Assert.True(result.Residuals[i] <= tolerance * result.Values[i] + rounding);
            }

            Assert.True(result.Below < 5 && result.BelowResidual > 0);
            Assert.True(result.ChallengeSteps > 0 && result.ChallengeLargest < 5);
            Assert.StartsWith(update == 0 ? "cold" : "warm", result.Start);
        }
    }

    [Fact]
    public void Given_a_large_step_in_how_many_are_above_then_the_block_grows_and_shrinks_with_it()
    {
        using var tracker = new EigenvalueTracker(AboveFive with { MaximumProducts = 5000 });
        foreach (int above in new[] { 2, 14, 0, 1, 7 })
        {
            double[] top = [.. Enumerable.Range(0, above).Select(i => 6.0 + i)];
            using var matrix = new MatrixOperator(Turned(top, 90, above));

            TrackedEigenvalues result = tracker.Update(matrix);

            Assert.True(result.Converged && result.Complete, $"{above}: {result.Products} {string.Join(" ", result.Values)} / {string.Join(" ", result.Residuals)}");
            Assert.Equal(top.Reverse(), result.Values.Select(value => Math.Round(value, 6)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Given_a_value_that_jumps_from_a_direction_no_carried_vector_holds_then_the_challenge_brings_it_in(ulong seed)
    {
        Tensor diagonal = arange(3000, dtype: ScalarType.Float64) * (3.0 / 3000);
        diagonal[10] = 9;
        diagonal[11] = 7;
        using var tracker = new EigenvalueTracker(AboveFive with { Seed = seed });
        tracker.Update(new DiagonalOperator(diagonal));
        diagonal[0] = 6;
        diagonal[1] = 6;

        TrackedEigenvalues result = tracker.Update(new DiagonalOperator(diagonal));

        Assert.True(result.Converged && result.Complete);
        Assert.Equal([9, 7, 6, 6], result.Values.Select(value => Math.Round(value, 6)));
    }

    [Fact]
    public void Given_updates_without_a_challenge_then_they_say_that_nothing_vouches_for_completeness()
    {
        using var matrix = new MatrixOperator(Turned([9, 7], 60, 0));
        using var tracker = new EigenvalueTracker(AboveFive with { ChallengeEvery = 3 });

        bool[] complete = [.. Enumerable.Range(0, 5).Select(_ => tracker.Update(matrix)).Select(result =>
        {
            Assert.True(result.Converged && result.Bracketed);
            Assert.Equal(result.Complete, result.ChallengeSteps > 0);
            return result.Complete;
        })];

        Assert.Equal([true, false, false, true, false], complete);
    }

    [Fact]
    public void Given_a_slowly_changing_operator_then_a_warm_update_takes_fewer_products_than_a_cold_one_and_counts_them_all()
    {
        using var tracker = new EigenvalueTracker(AboveFive);
        int warm = 0, cold = 0;
        for (int update = 0; update < 6; update++)
        {
            var recording = new RecordingOperator(new MatrixOperator(Turned([12, 10, 8, 7, 6], 120, 0.1 * update)));
            TrackedEigenvalues result = tracker.Update(recording);
            Assert.Equal(recording.Count, result.Products);
            using var fresh = new EigenvalueTracker(AboveFive);
            warm += update > 0 ? result.Products : 0;
            cold += update > 0 ? fresh.Update(recording).Products : 0;
        }

        Assert.True(warm < 0.8 * cold, $"{warm} warm, {cold} cold");
    }

    [Fact]
    public void Given_a_preconditioner_that_changes_then_rescaled_vectors_start_nearer()
    {
        using var hessian = new MatrixOperator(Turned([20, 15], 100, 0));
        Tensor before = Oracles.Random(8, 100).abs() + 0.5;
        Tensor after = before * (1 + Oracles.Random(9, 100).abs() * 0.3);
        using var first = new PreconditionedOperator(hessian, before);
        using var second = new PreconditionedOperator(hessian, after);
        double[] expected = [.. Oracles.Spectrum(Oracles.Dense(second)).Where(value => value > 5)];

        int Products(bool rescale)
        {
            using var tracker = new EigenvalueTracker(AboveFive with { ChallengeEvery = 9 });
            tracker.Update(first);
            if (rescale)
            {
                tracker.Rescale((before / after).sqrt());
            }

            TrackedEigenvalues result = tracker.Update(second);
            Assert.Equal(expected.Select(value => Math.Round(value, 6)), result.Values.Select(value => Math.Round(value, 6)));
            return result.Products;
        }

        Assert.True(Products(true) <= Products(false));
        using var fresh = new EigenvalueTracker(AboveFive);
        fresh.Update(first);
        Assert.Contains("[3]", Assert.Throws<ArgumentException>(() => fresh.Rescale(ones(3))).Message);
    }

    [Fact]
    public void Given_a_full_block_too_few_products_or_products_that_are_not_finite_then_the_result_says_so()
    {
        using var many = new MatrixOperator(Turned([12, 11, 10, 9, 8, 7], 60, 0));
        using var broken = new MatrixOperator(full([60, 60], double.NaN, dtype: ScalarType.Float64));
        using var narrow = new EigenvalueTracker(AboveFive with { MaximumBlock = 3 });
        using var poor = new EigenvalueTracker(AboveFive with { MaximumBlock = 3, MaximumProducts = 9 });

        TrackedEigenvalues full_ = narrow.Update(many);
        TrackedEigenvalues early = poor.Update(many);
        TrackedEigenvalues nothing = narrow.Update(broken);
        TrackedEigenvalues again = narrow.Update(many);

        Assert.False(full_.Bracketed || full_.Complete);
        Assert.Equal([12, 11, 10], full_.Values.Select(value => Math.Round(value, 6)));
        Assert.False(early.Converged && early.Complete);
        Assert.True(early.Products <= 9);
        Assert.False(nothing.Converged || nothing.Complete);
        Assert.True(double.IsNaN(nothing.Values[0]));
        Assert.StartsWith("cold", again.Start);
    }

    [Fact]
    public void Given_an_operator_of_one_or_two_rows_then_the_whole_spectrum_is_the_evidence()
    {
        using var one = new MatrixOperator(tensor(new[] { 8.0 }).view(1, 1));
        using var two = new MatrixOperator(diag(tensor(new[] { 9.0, -3.0 })));
        using var tracker = new EigenvalueTracker(AboveFive);

        foreach ((MatrixOperator matrix, double value) in new[] { (one, 8.0), (one, 8), (two, 9), (two, 9) })
        {
            TrackedEigenvalues result = tracker.Update(matrix);
            Assert.True(result.Converged && result.Complete);
            Assert.Equal(value, Assert.Single(result.Values), 1e-10);
        }
    }

    public static TheoryData<string, double[]> Hostile => new()
    {
        { "all negative, level among them", [-1, -1.5, -1.5, .. Enumerable.Range(0, 60).Select(i => -8.0 - i)] },
        { "twenty", [.. Enumerable.Range(0, 20).Select(i => 6.0 + i * i), .. Enumerable.Range(0, 60).Select(i => -40 * Math.Cos(i) / 10)] },
        { "clusters", [.. Enumerable.Range(0, 18).Select(i => 8.0 + i / 6 + 1e-5 * (i % 6)), .. Enumerable.Range(0, 60).Select(i => i / 30.0)] },
        { "far apart", [4e4, 6, .. Enumerable.Range(0, 60).Select(i => -20.0 * i)] },
    };

    /// <summary>Where a block of combined images broke down: values of 9e38, or none.</summary>
    [Theory]
    [MemberData(nameof(Hostile))]
    public void Given_a_hostile_spectrum_in_float32_then_every_value_is_one_of_a_dense_solver_and_none_is_outside(string name, double[] spectrum)
    {
        double level = spectrum.Max() < 0 ? -5 : 5;
        for (ulong seed = 0; seed < 10; seed++)
        {
            Tensor dense = Oracles.Symmetric(spectrum, seed).to(ScalarType.Float32);
            double[] truth = Oracles.Spectrum(dense.to(ScalarType.Float64));
            using var matrix = new MatrixOperator(dense);
            using var tracker = new EigenvalueTracker(new EigenvalueTrackerOptions { Level = level, Seed = seed });
            for (int update = 0; update < 3; update++)
            {
                TrackedEigenvalues result = tracker.Update(matrix);

                Assert.True(result.Converged && result.Complete, $"{name}, seed {seed}, update {update}: {result.Products} products");
                double[] expected = [.. truth.Where(value => value > level)];
                Assert.Equal(expected.Length, result.Values.Length);
                foreach ((double value, double residual, double exact) in expected.Zip(result.Values, result.Residuals).Select(t => (t.Second, t.Third, t.First)))
                {
                    Assert.InRange(exact, value - residual, value + residual);
                    Assert.True(value <= truth[0] + residual, $"{value} above the spectrum");
                }
            }
        }
    }

    [Fact]
    public void Given_updates_then_no_tensor_is_left_behind_and_a_disposed_tracker_says_so()
    {
        using var matrix = new MatrixOperator(Turned([9, 8], 50, 0));
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var tracker = new EigenvalueTracker(AboveFive);
        for (int update = 0; update < 4; update++)
        {
            tracker.Update(matrix);
        }

        tracker.Dispose();
        tracker.Dispose();

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Throws<ObjectDisposedException>(() => tracker.Update(matrix));
    }

    [Fact]
    public void Given_an_option_out_of_range_then_the_error_names_it()
    {
        Assert.Equal("Level", Name(AboveFive with { Level = double.NaN }));
        Assert.Equal("Tolerance", Name(AboveFive with { Tolerance = 0 }));
        Assert.Equal("Margin", Name(AboveFive with { Margin = -1 }));
        Assert.Equal("MissProbability", Name(AboveFive with { MissProbability = 1.5 }));
        Assert.Equal("MaximumBlock", Name(AboveFive with { MaximumBlock = 1 }));
        Assert.Equal("MaximumProducts", Name(AboveFive with { MaximumProducts = 20 }));
        Assert.Equal("ChallengeEvery", Name(AboveFive with { ChallengeEvery = 0 }));

        static string? Name(EigenvalueTrackerOptions options) =>
            Assert.Throws<ArgumentOutOfRangeException>(() => new EigenvalueTracker(options)).ParamName;
    }

    /// <summary>A prescribed top above a bulk in [-4, 4), in a basis that turns with <paramref name="time"/>.</summary>
    private static Tensor Turned(double[] top, int size, double time)
    {
        double[] spectrum = [.. top, .. Enumerable.Range(0, size - top.Length).Select(i => 3 * Math.Cos(i) - 0.5)];
        (Tensor q, _) = linalg.qr(Oracles.Random(1, size, size) + Oracles.Random(2, size, size) * (0.01 * time));
        Tensor dense = q.mm(diag(tensor(spectrum))).mm(q.t());
        return (dense + dense.t()) / 2;
    }

    private sealed class DiagonalOperator(Tensor diagonal) : ISymmetricOperator
    {
        public long Size => diagonal.shape[0];

        public Device Device => CPU;

        public ScalarType ScalarType => diagonal.dtype;

        public Tensor Apply(Tensor vector) => diagonal * vector;
    }
}
