using CurvatureActors.Training.Curvature;

namespace CurvatureActors.Training.Tests.Curvature;

public class MeasurementScheduleTests
{
    [Fact]
    public void Given_dense_steps_then_the_first_of_an_attempt_are_due_wherever_it_begins()
    {
        MeasurementSchedule schedule = new(DenseSteps: 3, Spacing.Linear, Every: 10, PerDecade: 1);

        Assert.Equal([0, 1, 2, 10, 20, 30, 37], Due(schedule, from: 0, last: 37));
        Assert.Equal([14, 15, 16, 20, 30, 37], Due(schedule, from: 14, last: 37));
        Assert.Equal([14, 15, 16], Enumerable.Range(14, 24).Where(step => schedule.IsDense(step, 14)));
    }

    [Theory]
    [InlineData(1, new[] { 0, 1, 2, 3, 4, 5 })]
    [InlineData(2, new[] { 0, 2, 4, 5 })]
    [InlineData(100, new[] { 0, 5 })]
    public void Given_linear_spacing_then_multiples_are_due_and_the_last_step(int every, int[] expected) =>
        Assert.Equal(expected, Due(new(0, Spacing.Linear, every, 1), from: 0, last: 5));

    [Fact]
    public void Given_one_per_decade_then_powers_of_ten_are_due() =>
        Assert.Equal([0, 1, 10, 100, 1000, 10_000, 12_345], Due(new(0, Spacing.Logarithmic, 1, PerDecade: 1), from: 0, last: 12_345));

    // 10^(1/3) = 2.15, 10^(2/3) = 4.64; 10^(4/3) = 21.5, 10^(5/3) = 46.4.
    [Fact]
    public void Given_three_per_decade_then_the_rounded_roots_are_due() =>
        Assert.Equal([0, 1, 2, 5, 10, 22, 46, 100, 215, 464, 500], Due(new(0, Spacing.Logarithmic, 1, PerDecade: 3), from: 0, last: 500));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(10)]
    [InlineData(100)]
    public void Given_a_number_per_decade_then_exactly_the_rounded_powers_are_due(int perDecade)
    {
        int[] expected =
        [
            .. Enumerable.Range(0, (5 * perDecade) + 1)
                .Select(k => (int)Math.Round(Math.Pow(10, (double)k / perDecade)))
                .Append(0).Append(100_000).Distinct().Order(),
        ];

        Assert.Equal(expected, Due(new(0, Spacing.Logarithmic, 1, perDecade), from: 0, last: 100_000));
    }

    private static IEnumerable<int> Due(MeasurementSchedule schedule, int from, int last) =>
        Enumerable.Range(from, last - from + 1).Where(step => schedule.IsDue(step, from, last));
}
