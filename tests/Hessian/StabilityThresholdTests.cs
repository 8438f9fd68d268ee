using CurvatureActors.Hessian.Operators;
using CurvatureActors.Hessian.Solvers;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Tests;

/// <summary>Each threshold against the update rule itself, iterated on 1/2 lambda w^2 a little below and above it.</summary>
public sealed class StabilityThresholdTests
{
    private const double Rate = 0.05;
    private const int Steps = 4000;

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    public void Given_gradient_descent_then_it_diverges_exactly_above_its_threshold(double decay) =>
        DivergesExactlyAbove(StabilityThreshold.Sgd(Rate, decay), lambda =>
        {
            double w = 1;
            return () => w -= Rate * (lambda + decay) * w;
        });

    [Theory]
    [InlineData(0.9, 0)]
    [InlineData(0.5, 0.3)]
    [InlineData(0, 0)]
    public void Given_heavy_ball_then_it_diverges_exactly_above_its_threshold(double momentum, double decay) =>
        DivergesExactlyAbove(StabilityThreshold.HeavyBall(Rate, momentum, decay), lambda =>
        {
            double w = 1, buffer = 0;
            return () =>
            {
                buffer = momentum * buffer + (lambda + decay) * w;
                return w -= Rate * buffer;
            };
        });

    [Theory]
    [InlineData(0.9, 0)]
    [InlineData(0.5, 0.3)]
    [InlineData(0, 0)]
    public void Given_nesterov_then_it_diverges_exactly_above_its_threshold(double momentum, double decay) =>
        DivergesExactlyAbove(StabilityThreshold.Nesterov(Rate, momentum, decay), lambda =>
        {
            double w = 1, buffer = 0;
            return () =>
            {
                double gradient = (lambda + decay) * w;
                buffer = momentum * buffer + gradient;
                return w -= Rate * (gradient + momentum * buffer);
            };
        });

    [Theory]
    [InlineData(0.9, 0)]
    [InlineData(0.9, 0.3)]
    [InlineData(0.5, 1)]
    [InlineData(0, 0)]
    public void Given_adam_with_a_still_preconditioner_then_it_diverges_exactly_above_its_threshold(double beta1, double decay)
    {
        // With curvature h and preconditioner p the eigenvalue of P^(-1/2) H P^(-1/2) is h/p.
        const double Preconditioner = 0.02;
        DivergesExactlyAbove(StabilityThreshold.Adam(Rate, beta1, decay), eigenvalue =>
        {
            double w = 1, mean = 0;
            double curvature = eigenvalue * Preconditioner;
            return () =>
            {
                mean = beta1 * mean + (1 - beta1) * curvature * w;
                return w = w * (1 - Rate * decay) - Rate * mean / Preconditioner;
            };
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    public void Given_rmsprop_with_a_still_preconditioner_then_it_diverges_exactly_above_its_threshold(double decay)
    {
        // The L2 term is in the gradient, so the eigenvalue of P^(-1/2) (H + decay) P^(-1/2) is (h + decay)/p.
        const double Preconditioner = 0.02;
        DivergesExactlyAbove(StabilityThreshold.RmsProp(Rate), eigenvalue =>
        {
            double w = 1;
            double curvature = (eigenvalue * Preconditioner) - decay;
            return () => w -= Rate * (curvature * w + decay * w) / Preconditioner;
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    public void Given_empty_momentum_then_the_first_step_overshoots_exactly_above_its_threshold(double decay)
    {
        double threshold = StabilityThreshold.FirstStep(Rate, decay);

        Assert.True(Math.Abs(1 - Rate * (threshold * 0.999 + decay)) < 1);
        Assert.True(Math.Abs(1 - Rate * (threshold * 1.001 + decay)) > 1);
    }

    [Fact]
    public void Given_momentum_of_nine_tenths_then_the_constants_are_those_of_the_table()
    {
        Assert.Equal(2, StabilityThreshold.SgdConstant);
        Assert.Equal(3.8, StabilityThreshold.HeavyBallConstant(0.9), 1e-12);
        Assert.Equal(1.357, StabilityThreshold.NesterovConstant(0.9), 5e-4);
        Assert.Equal(38, StabilityThreshold.AdamConstant(0.9), 1e-12);
        Assert.Equal(0.2, StabilityThreshold.BatchSharpness(1, 0.9), 1e-12);
    }

    [Fact]
    public void Given_gradient_descent_on_a_quadratic_of_many_dimensions_then_it_diverges_exactly_above_two_over_lambda1()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor dense = Oracles.Symmetric([.. Enumerable.Range(1, 20).Select(i => (double)i)], 1);
        using var matrix = new MatrixOperator(dense);
        double lambda1 = Lanczos.Largest(matrix, new LanczosOptions { Tolerance = 1e-10 }).Lambda1;
        double edge = StabilityThreshold.LargestStableRate(lambda1, StabilityThreshold.SgdConstant);

        Assert.True(Descend(edge * 0.999) < 1);
        Assert.True(Descend(edge * 1.001) > 10);

        double Descend(double rate)
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor w = ones(20, dtype: ScalarType.Float64);
            for (int step = 0; step < 3000; step++)
            {
                w.sub_(dense.mv(w) * rate);
            }

            return linalg.vector_norm(w).item<double>();
        }
    }

    [Theory]
    [InlineData(0.9, 0.01)]
    [InlineData(0, 0)]
    public void Given_the_largest_stable_rate_then_its_threshold_is_the_curvature_it_was_made_for(double momentum, double decay)
    {
        const double Lambda = 37;
        double adamShift = decay * (1 + momentum) / (1 - momentum);

        Assert.Equal(Lambda, StabilityThreshold.Sgd(Rate(StabilityThreshold.SgdConstant, decay), decay), 1e-10);
        Assert.Equal(Lambda, StabilityThreshold.HeavyBall(Rate(StabilityThreshold.HeavyBallConstant(momentum), decay), momentum, decay), 1e-10);
        Assert.Equal(Lambda, StabilityThreshold.Nesterov(Rate(StabilityThreshold.NesterovConstant(momentum), decay), momentum, decay), 1e-10);
        Assert.Equal(Lambda, StabilityThreshold.Adam(Rate(StabilityThreshold.AdamConstant(momentum), adamShift), momentum, decay), 1e-10);

        static double Rate(double constant, double shift) => StabilityThreshold.LargestStableRate(Lambda, constant, shift);
    }

    [Fact]
    public void Given_no_upward_curvature_then_every_rate_is_stable()
    {
        Assert.Equal(double.PositiveInfinity, StabilityThreshold.LargestStableRate(-1, 2));
        Assert.Equal(double.PositiveInfinity, StabilityThreshold.LargestStableRate(0, 2));
        Assert.Equal(0, StabilityThreshold.LargestStableRate(double.PositiveInfinity, 2));
    }

    [Fact]
    public void Given_constants_out_of_range_then_the_error_names_them()
    {
        Assert.Equal("learningRate", Assert.Throws<ArgumentOutOfRangeException>(() => StabilityThreshold.Sgd(0)).ParamName);
        Assert.Equal("weightDecay", Assert.Throws<ArgumentOutOfRangeException>(() => StabilityThreshold.Sgd(1, -1)).ParamName);
        Assert.Equal("momentum", Assert.Throws<ArgumentOutOfRangeException>(() => StabilityThreshold.HeavyBall(1, 1)).ParamName);
        Assert.Equal("beta1", Assert.Throws<ArgumentOutOfRangeException>(() => StabilityThreshold.Adam(1, double.NaN)).ParamName);
        Assert.Equal("lambda1", Assert.Throws<ArgumentOutOfRangeException>(() => StabilityThreshold.LargestStableRate(double.NaN, 2)).ParamName);
        Assert.Equal("constant", Assert.Throws<ArgumentOutOfRangeException>(() => StabilityThreshold.LargestStableRate(1, 0)).ParamName);
    }

    private static void DivergesExactlyAbove(double threshold, Func<double, Func<double>> optimizer)
    {
        Assert.True(Largest(threshold * 0.99) < 1e-3, "converges 1% below");
        Assert.True(Largest(threshold * 1.01) > 1e3, "diverges 1% above");

        double Largest(double lambda)
        {
            Func<double> step = optimizer(lambda);
            double largest = 0;
            for (int i = 0; i < Steps; i++)
            {
                double w = Math.Abs(step());
                largest = i >= Steps - 50 ? Math.Max(largest, w) : 0;
            }

            return largest;
        }
    }
}
