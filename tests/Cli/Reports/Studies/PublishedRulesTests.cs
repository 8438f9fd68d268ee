using CurvatureActors.Cli.Reports.Studies.PublishedRules;
using CurvatureActors.Training.Sessions;

namespace CurvatureActors.Cli.Tests.Reports.Studies;

/// <summary>Curves made by hand, the step of the verdict worked out by hand.</summary>
public sealed class PublishedRulesTests
{
    // Means of the window at the five steps of 3: 1, 1.02, 1.04, 1.06, 1.08; twice that stays under 3.
    [Fact]
    public void Twice_the_window_mean_fires_at_the_fifth_outlier() =>
        Assert.Equal(104, First(new TwiceWindowMeanRule(), step => step < 100 ? 1 : 3, 150));

    [Fact]
    public void Twice_the_window_mean_forgives_four_outliers() =>
        Assert.Null(First(new TwiceWindowMeanRule(), step => step is >= 100 and < 104 ? 3 : 1, 300));

    // The second 2 is held against 1.01.
    [Fact]
    public void Twice_the_window_mean_is_pulled_up_by_what_it_should_find() =>
        Assert.Null(First(new TwiceWindowMeanRule(), step => step < 100 ? 1 : 2, 300));

    // At step 100 the mean is (10 + 90 * 100) / 100 = 90.1.
    [Fact]
    public void Twice_the_window_mean_misses_an_early_blow_up() =>
        Assert.Null(First(new TwiceWindowMeanRule(), step => step < 10 ? 1 : 100, 400));

    [Theory]
    [InlineData(5)]
    [InlineData(150)]
    public void Twice_the_window_mean_never_fires_on_nan(int from) =>
        Assert.Null(First(new TwiceWindowMeanRule(), step => step < from ? 1 : double.NaN, 400));

    [Theory]
    [InlineData(10, null)]
    [InlineData(10.5, 120)]
    [InlineData(double.NaN, null)]
    [InlineData(double.PositiveInfinity, 120)]
    public void Ten_times_the_start_compares_with_the_mean_of_the_first_hundred(double later, int? fires) =>
        Assert.Equal(fires, First(new TenTimesStartRule(), step => step < 120 ? 1 : later, 200));

    // The mean of the first 100 is (50 + 50e6) / 100, of which 1e6 is not even twice.
    [Theory]
    [InlineData(1e6)]
    [InlineData(double.NaN)]
    public void Ten_times_the_start_never_fires_when_the_start_holds_the_blow_up(double high) =>
        Assert.Null(First(new TenTimesStartRule(), step => step < 50 ? 1 : high, 300));

    // 100 losses of 0.9 and 1.1 by turns: mean 1, deviation sqrt(100 * 0.01 / 99) = 0.1005, bar 1.603.
    [Theory]
    [InlineData(1.6, null)]
    [InlineData(1.61, 100)]
    [InlineData(double.NaN, 100)]
    public void Six_sigma_fires_above_the_mean_and_six_deviations(double loss, int? fires) =>
        Assert.Equal(fires, First(new SixSigmaRule(), step => step == 100 ? loss : step % 2 == 0 ? 0.9 : 1.1, 101));

    [Fact]
    public void Six_sigma_looks_at_the_gradient_norm_too() =>
        Assert.Equal(100, First(new SixSigmaRule(), step => step % 2 == 0 ? 0.9 : 1.1, 101, norm: step => step == 100 ? 1.61 : step % 2 == 0 ? 0.9 : 1.1));

    [Theory]
    [InlineData(62, null)]
    [InlineData(63, 63)]
    public void Six_sigma_is_asked_from_the_64th_step_on(int at, int? fires) =>
        Assert.Equal(fires, First(new SixSigmaRule(), step => step == at ? 1e6 : step % 2 == 0 ? 0.9 : 1.1, at + 1));

    // a after the blow-up at step 5: 1.8, 3.24, 5.83, 10.5 times; over 3 from step 6 on, so the third is step 8.
    [Theory]
    [InlineData(100)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void The_winsorised_average_fires_three_steps_after_a_blow_up(double high) =>
        Assert.Equal(8, First(new WinsorisedAverageRule(), step => step < 5 ? 1 : high, 50));

    // 1.8 after one outlier, 3.24 after two and then 2.79: never three steps over 3.
    [Theory]
    [InlineData(6)]
    [InlineData(7)]
    public void The_winsorised_average_forgives_outliers(int until) =>
        Assert.Null(First(new WinsorisedAverageRule(), step => step >= 5 && step < until ? 1e9 : 1, 100));

    [Fact]
    public void Each_rule_is_there_once_and_starts_anew()
    {
        Assert.Equal(4, PublishedRuleRegistry.All.Select(rule => rule.Name).Distinct().Count());
        Assert.All(PublishedRuleRegistry.All, rule => Assert.NotSame(rule.Create(), rule.Create()));
    }

    private static int? First(IPublishedRule rule, Func<int, double> loss, int steps, Func<int, double>? norm = null)
    {
        for (int step = 0; step < steps; step++)
        {
            if (rule.Observe(new StepMetrics(step, loss(step), 0.5, norm?.Invoke(step) ?? 1, 0.1, Clipped: false)))
            {
                return step;
            }
        }

        return null;
    }
}
