using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Probes;
using CurvatureActors.Actors.Tests.Runs;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Tests.Probes;

public class DueMeasurementsTests
{
    // lambda1: 2 dense steps, then every 10; trace: 1, 10, 100, ...; top: 4 dense steps, then every 25.
    private static readonly ProbeOptions Probe = new(2, 10, ProbePolicy.Latest, 1)
    {
        Kinds =
        [
            new(new("trace", [new("products", 6)]), new MeasurementSchedule(0, Spacing.Logarithmic, 1, 1)),
            new(new("top", [new("count", 2)]), new MeasurementSchedule(4, Spacing.Linear, 25, 1)),
        ],
    };

    [Theory]
    [InlineData(0, 0, true, "trace top", true)]
    [InlineData(1, 0, true, "trace top", true)]
    [InlineData(2, 0, false, "top", true)]
    [InlineData(4, 0, false, "", false)]
    [InlineData(10, 0, true, "trace", false)]
    [InlineData(25, 0, false, "top", false)]
    [InlineData(99, 0, false, "", false)]
    [InlineData(100, 0, true, "trace top", false)]
    [InlineData(31, 30, true, "top", true)]
    [InlineData(33, 30, false, "top", true)]
    public void Given_schedules_then_what_is_due_and_whether_the_trainer_waits(
        int step, int attemptFrom, bool lambda1, string kinds, bool waits)
    {
        DueMeasurements due = DueMeasurements.At(step, attemptFrom, Samples.Specification, Probe);

        Assert.Equal((lambda1, kinds, waits), (due.Lambda1, string.Join(' ', due.Kinds.Select(kind => kind.Kind)), due.TrainerWaits));
        Assert.Equal(lambda1 || kinds.Length > 0, due.Any);
    }

    [Fact]
    public void Given_the_policy_every_then_the_trainer_waits_at_any_step() =>
        Assert.True(DueMeasurements.At(25, 0, Samples.Specification, Probe with { Policy = ProbePolicy.Every }).TrainerWaits);

    [Fact]
    public void Given_a_run_without_curvature_then_nothing_is_due()
    {
        RunSpecification run = Samples.Specification with { Curvature = Samples.Specification.Curvature with { Enabled = false } };
        Assert.False(DueMeasurements.At(0, 0, run, Probe).Any);
    }
}
