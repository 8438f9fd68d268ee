using CurvatureActors.Hessian.Estimators;

namespace CurvatureActors.Hessian.Tests.Estimators;

public sealed class CriticalSharpnessTests
{
    [Theory]
    [InlineData(0.001)]
    [InlineData(0.2)]
    [InlineData(300)]
    public void Given_a_quadratic_then_the_bracket_holds_2ug_over_uHu_and_is_narrow(double guess)
    {
        // Along -u the loss is l - eta u'g + eta^2/2 u'Hu; it is back at l when eta = 2 u'g / u'Hu.
        const double Slope = 0.8, Curvature = 12;
        double critical = 2 * Slope / Curvature;

        CriticalSharpness found = CriticalSharpness.Search(
            eta => 5 - (eta * Slope) + (eta * eta * Curvature / 2), guess);

        Assert.True(found.Converged);
        Assert.InRange(critical, found.LowerStep, found.UpperStep);
        Assert.True(1 - (found.LowerStep / found.UpperStep) < 1.0 / 16);
        Assert.Equal(2 / critical, found.Value, 2 / critical / 16);
    }

    [Fact]
    public void Given_the_last_value_as_guess_then_few_evaluations_suffice()
    {
        CriticalSharpness found = CriticalSharpness.Search(eta => (eta * eta) - eta, guess: 1.05);

        Assert.True(found.Converged);
        Assert.True(found.Evaluations <= 7, $"{found.Evaluations} evaluations");
    }

    [Fact]
    public void Given_a_loss_that_blows_up_then_nan_counts_as_raised()
    {
        CriticalSharpness found = CriticalSharpness.Search(eta => eta > 0.5 ? double.NaN : -eta, guess: 4);

        Assert.True(found.Converged);
        Assert.InRange(0.5, found.LowerStep, found.UpperStep);
    }

    [Fact]
    public void Given_a_loss_that_only_falls_or_only_rises_then_there_is_no_value()
    {
        CriticalSharpness falls = CriticalSharpness.Search(eta => -eta, 1);
        Assert.False(falls.Converged);
        Assert.True(double.IsNaN(falls.Value));
        Assert.Equal(double.PositiveInfinity, falls.UpperStep);

        CriticalSharpness rises = CriticalSharpness.Search(eta => eta, 1);
        Assert.False(rises.Converged);
        Assert.Equal(0, rises.LowerStep);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void Given_a_guess_out_of_range_then_the_error_says_so(double guess) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => CriticalSharpness.Search(eta => eta, guess));
}
