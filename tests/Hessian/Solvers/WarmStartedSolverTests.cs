using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests.Solvers;

public sealed class WarmStartedSolverTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Given_nothing_carried_then_the_first_update_is_a_cold_solve()
    {
        using var matrix = new MatrixOperator(Oracles.Symmetric(Decaying(60), 1));
        using var solver = new WarmStartedSolver(new WarmStartOptions { Seed = 5, Tolerance = 1e-6 });

        using EigenResult first = solver.Update(matrix);
        using EigenResult cold = Lanczos.Largest(matrix, new LanczosOptions { Seed = 5, Tolerance = 1e-6 });

        Assert.StartsWith("cold", first.Start);
        Assert.Equal(cold.Values, first.Values);
        Assert.Equal(cold.Products, first.Products);
    }

    [Theory]
    [InlineData(30, 1, 9.5)]
    [InlineData(30, 2, 12)]
    [InlineData(500, 3, 10.5)]
    [InlineData(500, 4, 30)]
    [InlineData(20000, 5, 10.5)]
    [InlineData(20000, 6, 200)]
    public void Given_a_start_exactly_on_the_second_eigenvector_then_it_is_not_taken_for_the_first(int size, ulong seed, double risen)
    {
        // The carried vectors are unit vectors and stay exact eigenvectors; the new top has no component on any of them.
        Tensor diagonal = Bulk(size);
        using var solver = new WarmStartedSolver(new WarmStartOptions { Seed = seed, Carried = 2 });
        using EigenResult before = solver.Update(new DiagonalOperator(diagonal));
        Assert.Equal(9, before.Lambda1, 1e-4);

        diagonal[0] = risen;
        using EigenResult after = solver.Update(new DiagonalOperator(diagonal));

        Assert.True(after.Converged);
        Assert.Equal(risen, after.Lambda1, risen * 1e-4);
        Assert.Contains("challenged", after.Start);
    }

    [Fact]
    public void Given_every_update_challenged_then_a_jump_is_noticed_whenever_it_comes()
    {
        Tensor diagonal = Bulk(2000);
        using var solver = new WarmStartedSolver(new WarmStartOptions { ChallengeEvery = 1 });
        for (int update = 0; update < 12; update++)
        {
            diagonal[10 + update] = 11 + 2 * update;
            using EigenResult result = solver.Update(new DiagonalOperator(diagonal));

            Assert.True(result.Converged);
            Assert.Equal(11 + 2 * update, result.Lambda1, 1e-3);
        }
    }

    [Fact]
    public void Given_eigenvalues_that_cross_gradually_then_lambda1_is_the_larger_one_in_every_update()
    {
        Tensor basis = Oracles.Symmetric([.. Enumerable.Range(0, 80).Select(i => (double)i)], 2);
        (_, Tensor vectors) = linalg.eigh(basis);
        using var solver = new WarmStartedSolver(new WarmStartOptions { Tolerance = 1e-4 });

        for (int update = 0; update < 40; update++)
        {
            // The fourth eigenvalue climbs from 3 to 11 past three others, in a basis that turns a little too.
            double[] spectrum = Decaying(80);
            (spectrum[0], spectrum[1], spectrum[2], spectrum[3]) = (8, 7, 6, 3 + 0.2 * update);
            Tensor turned = vectors + Oracles.Random(7, 80, 80) * (0.001 * update);
            (Tensor q, _) = linalg.qr(turned);
            Tensor dense = q.mm(diag(tensor(spectrum))).mm(q.t());
            using var matrix = new MatrixOperator((dense + dense.t()) / 2);

            using EigenResult result = solver.Update(matrix);

            Assert.True(result.Converged);
            Assert.Equal(spectrum.Max(), result.Lambda1, 1e-4);
            Assert.True(spectrum.Min(value => Math.Abs(value - result.Lambda1)) <= result.Residual + 1e-12);
        }
    }

    [Fact]
    public void Given_a_slowly_changing_sequence_then_warm_updates_use_far_fewer_products_than_cold_ones()
    {
        int cold = 0, warm = 0;
        using var solver = new WarmStartedSolver(new WarmStartOptions { Tolerance = 1e-4 });
        Tensor direction = Oracles.Random(3, 400, 400) * 0.002;
        Tensor change = direction + direction.t();
        Tensor dense = Oracles.Symmetric(Decaying(400), 4);
        for (int update = 0; update < 20; update++)
        {
            using var matrix = new MatrixOperator(dense);
            using EigenResult fresh = Lanczos.Largest(matrix, new LanczosOptions { Tolerance = 1e-4, Seed = (ulong)update });
            using EigenResult result = solver.Update(matrix);
            Assert.True(result.Converged);
            Assert.Equal(Oracles.Spectrum(dense)[0], result.Lambda1, 1e-6 * result.Lambda1);
            if (update > 0)
            {
                cold += fresh.Products;
                warm += result.Products;
            }

            dense = dense + change * 0.1;
        }

        Assert.True(warm < 0.75 * cold, $"{warm} warm, {cold} cold");
    }

    [Fact]
    public void Given_a_value_tolerance_then_fewer_products_give_values_within_it()
    {
        int exact = 0, enough = 0;
        using var strict = new WarmStartedSolver(new WarmStartOptions { Tolerance = 1e-3 });
        using var loose = new WarmStartedSolver(new WarmStartOptions { Tolerance = 1e-3, ValueTolerance = 1e-3 });
        Tensor direction = Oracles.Random(3, 300, 300) * 0.004;
        Tensor dense = Oracles.Symmetric(Decaying(300), 4);
        for (int update = 0; update < 12; update++)
        {
            dense = dense + (direction + direction.t()) * 0.1;
            double expected = Oracles.Spectrum(dense)[0];
            using var matrix = new MatrixOperator(dense);

            using EigenResult precise = strict.Update(matrix);
            using EigenResult result = loose.Update(matrix);

            Assert.True(precise.Converged && result.Converged);
            Assert.InRange(result.Lambda1, expected * (1 - 1e-3), expected + 1e-9);
            exact += precise.Products;
            enough += result.Products;
        }

        Assert.True(enough < exact, $"{enough} for the value, {exact} for the residual");
    }

    [Fact]
    public void Given_the_same_seed_and_history_then_every_bit_is_the_same_and_the_global_random_state_is_left_alone()
    {
        random.manual_seed(9);
        using Tensor before = random.get_rng_state().clone();

        double[] first = Run();
        double[] again = Run();

        Assert.Equal(first, again);
        Assert.True(before.equal(random.get_rng_state()).all().item<bool>());

        static double[] Run()
        {
            using DisposeScope scope = NewDisposeScope();
            using var solver = new WarmStartedSolver(new WarmStartOptions { Seed = 4 });
            List<double> numbers = [];
            for (int update = 0; update < 7; update++)
            {
                using var matrix = new MatrixOperator(
                    (Oracles.Symmetric(Decaying(50), 5) + eye(50, dtype: ScalarType.Float64) * (0.1 * update)).to(ScalarType.Float32));
                using EigenResult result = solver.Update(matrix);
                numbers.AddRange([result.Lambda1, result.Residual, result.Products, result.Smallest, result.GapRatio]);
            }

            return [.. numbers];
        }
    }

    [Fact]
    public void Given_another_size_or_type_then_the_update_starts_cold_again()
    {
        using var solver = new WarmStartedSolver();
        using var small = new MatrixOperator(Oracles.Symmetric([3, 2, 1], 1));
        using var large = new MatrixOperator(Oracles.Symmetric([5, 4, 3, 2], 1));
        using var single = new MatrixOperator(Oracles.Symmetric([7, 4, 3, 2], 1).to(ScalarType.Float32));

        Assert.StartsWith("cold", solver.Update(small).Start);
        Assert.StartsWith("warm", solver.Update(small).Start);
        EigenResult grown = solver.Update(large);
        Assert.StartsWith("cold", grown.Start);
        Assert.Equal(5, grown.Lambda1, 1e-6);
        EigenResult narrowed = solver.Update(single);
        Assert.StartsWith("cold", narrowed.Start);
        Assert.Equal(7, narrowed.Lambda1, 1e-4);
        solver.Forget();
        Assert.StartsWith("cold", solver.Update(single).Start);
    }

    [Fact]
    public void Given_an_operator_smaller_than_the_block_then_the_whole_space_is_the_answer()
    {
        using var solver = new WarmStartedSolver(new WarmStartOptions { Carried = 3 });
        using var one = new MatrixOperator(tensor(new[] { -4.0 }).view(1, 1));
        using var two = new MatrixOperator(Oracles.Symmetric([2, -9], 1));

        foreach ((MatrixOperator matrix, double expected) in new[] { (one, -4.0), (one, -4.0), (two, 2), (two, 2) })
        {
            EigenResult result = solver.Update(matrix);
            Assert.True(result.Converged);
            Assert.Equal(expected, result.Lambda1, 1e-12);
        }
    }

    [Fact]
    public void Given_zero_curvature_then_every_update_reports_zero_as_converged()
    {
        using var solver = new WarmStartedSolver();
        using var matrix = new MatrixOperator(zeros(15, 15, dtype: ScalarType.Float64));

        for (int update = 0; update < 3; update++)
        {
            EigenResult result = solver.Update(matrix);
            Assert.True(result.Converged);
            Assert.Equal(0, result.Lambda1);
        }
    }

    [Fact]
    public void Given_products_that_are_not_finite_then_it_says_so_and_recovers_with_a_cold_solve()
    {
        using var solver = new WarmStartedSolver();
        Tensor diagonal = Bulk(40);
        using EigenResult good = solver.Update(new DiagonalOperator(diagonal));
        using EigenResult broken = solver.Update(new DiagonalOperator(diagonal * double.NaN));
        using EigenResult again = solver.Update(new DiagonalOperator(diagonal));

        Assert.False(broken.Converged);
        Assert.True(double.IsNaN(broken.Lambda1));
        Assert.StartsWith("cold", again.Start);
        Assert.Equal(9, again.Lambda1, 1e-4);
    }

    [Fact]
    public void Given_too_few_products_then_the_value_says_that_it_is_not_converged()
    {
        using var solver = new WarmStartedSolver(new WarmStartOptions { MaximumProducts = 2, Tolerance = 1e-8 });
        using var matrix = new MatrixOperator(Oracles.Symmetric(Decaying(60), 6));

        for (int update = 0; update < 3; update++)
        {
            EigenResult result = solver.Update(matrix);
            Assert.False(result.Converged);
            Assert.Equal(2, result.Products);
            Assert.True(result.Residual > 0);
        }
    }

    [Fact]
    public void Given_a_preconditioner_that_changes_then_rescaled_vectors_start_nearer()
    {
        using var hessian = new MatrixOperator(Oracles.Symmetric(Decaying(200), 7));
        Tensor before = Oracles.Random(8, 200).abs() + 0.5;
        Tensor after = before * (1 + Oracles.Random(9, 200).abs());
        using var first = new PreconditionedOperator(hessian, before);
        using var second = new PreconditionedOperator(hessian, after);
        double expected = Oracles.Spectrum(Oracles.Dense(second))[0];

        int Products(bool rescale)
        {
            using var solver = new WarmStartedSolver(new WarmStartOptions { Tolerance = 1e-5, Drift = double.MaxValue });
            using EigenResult cold = solver.Update(first);
            using EigenResult unchanged = solver.Update(first);
            if (rescale)
            {
                solver.Rescale((before / after).sqrt());
            }

            using EigenResult result = solver.Update(second);
            Assert.Equal(expected, result.Lambda1, 1e-8 * expected);
            return result.Products;
        }

        Assert.True(Products(true) <= Products(false));
        using var fresh = new WarmStartedSolver();
        fresh.Rescale(ones(3));
        using EigenResult carried = fresh.Update(first);
        Assert.Contains("[3]", Assert.Throws<ArgumentException>(() => fresh.Rescale(ones(3))).Message);
    }

    [Fact]
    public void Given_many_updates_then_no_tensor_is_left_behind()
    {
        using var matrix = new MatrixOperator(Oracles.Symmetric(Decaying(40), 10));
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var solver = new WarmStartedSolver(new WarmStartOptions { Tolerance = 1e-6 }))
        {
            for (int update = 0; update < 12; update++)
            {
                using EigenResult result = solver.Update(matrix);
            }
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Given_an_option_out_of_range_or_a_disposed_solver_then_the_error_says_so()
    {
        Assert.Equal("Tolerance", Name(new WarmStartOptions { Tolerance = 1 }));
        Assert.Equal("MaximumProducts", Name(new WarmStartOptions { MaximumProducts = 0 }));
        Assert.Equal("ValueTolerance", Name(new WarmStartOptions { ValueTolerance = 0 }));
        Assert.Equal("Carried", Name(new WarmStartOptions { Carried = 0 }));
        Assert.Equal("CrossingMargin", Name(new WarmStartOptions { CrossingMargin = double.NaN }));
        Assert.Equal("ChallengeEvery", Name(new WarmStartOptions { ChallengeEvery = 0 }));
        Assert.Equal("Drift", Name(new WarmStartOptions { Drift = 0 }));

        var solver = new WarmStartedSolver();
        solver.Dispose();
        solver.Dispose();
        Assert.Throws<ObjectDisposedException>(() => solver.Update(new DiagonalOperator(Bulk(10))));

        static string? Name(WarmStartOptions options) =>
            Assert.Throws<ArgumentOutOfRangeException>(() => new WarmStartedSolver(options)).ParamName;
    }

    private static double[] Decaying(int size) => [.. Enumerable.Range(0, size).Select(i => 5 * Math.Pow(0.9, i) - 0.1)];

    /// <summary>9, 8 and 7 above a bulk in [0, 3]; entry 0 has nothing.</summary>
    private static Tensor Bulk(int size)
    {
        Tensor diagonal = arange(size, dtype: ScalarType.Float64) * (3.0 / size);
        diagonal[1] = 9;
        diagonal[2] = 8;
        diagonal[3] = 7;
        return diagonal;
    }

    private sealed class DiagonalOperator(Tensor diagonal) : ISymmetricOperator
    {
        public long Size => diagonal.shape[0];

        public Device Device => CPU;

        public ScalarType ScalarType => diagonal.dtype;

        public Tensor Apply(Tensor vector) => diagonal * vector;
    }
}
