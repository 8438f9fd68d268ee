using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Cli.Reports;
using CurvatureActors.Training.Sessions;

namespace CurvatureActors.Cli.Tests.Reports;

public sealed class EffectiveCurveTests
{
    [Fact]
    public void Of_each_step_the_last_attempt_counts()
    {
        // Attempt 1 reaches step 4, attempt 2 goes back to 2 and reaches 3, attempt 3 goes back to 3.
        EffectiveCurve<StepRow> curve = EffectiveCurve.Build(
            Rows((1, 0), (1, 1), (1, 2), (1, 3), (1, 4), (2, 2), (2, 3), (3, 3), (3, 4), (3, 5)),
            new Dictionary<int, int> { [1] = 0, [2] = 2, [3] = 3 });

        Assert.Equal([(1, 0), (1, 1), (2, 2), (3, 3), (3, 4), (3, 5)], Keys(curve.Rows));
        Assert.Equal([1, 2], curve.Abandoned.Select(tail => tail.Attempt));
        Assert.Equal([(1, 2), (1, 3), (1, 4)], Keys(curve.Abandoned[0].Rows));
        Assert.Equal([(2, 3)], Keys(curve.Abandoned[1].Rows));
    }

    [Fact]
    public void A_later_attempt_discards_what_it_has_not_reached_itself()
    {
        EffectiveCurve<StepRow> curve = EffectiveCurve.Build(
            Rows((1, 0), (1, 1), (1, 2), (1, 3), (2, 1)), new Dictionary<int, int>());

        Assert.Equal([(1, 0), (2, 1)], Keys(curve.Rows));
        Assert.Equal([(1, 1), (1, 2), (1, 3)], Keys(curve.Abandoned.Single().Rows));
    }

    [Fact]
    public void An_attempt_without_rows_discards_as_well()
    {
        EffectiveCurve<StepRow> curve = EffectiveCurve.Build(
            Rows((1, 0), (1, 1)), new Dictionary<int, int> { [1] = 0, [2] = 0 });

        Assert.Empty(curve.Rows);
        Assert.Equal(2, curve.Abandoned.Single().Rows.Count);
    }

    [Fact]
    public void Nothing_gives_nothing()
    {
        EffectiveCurve<StepRow> curve = EffectiveCurve.Build(Rows(), new Dictionary<int, int>());
        Assert.Empty(curve.Rows);
        Assert.Empty(curve.Abandoned);
    }

    private static StepRow[] Rows(params (int Attempt, int Step)[] keys) =>
        [.. keys.Select(key => new StepRow("run", key.Attempt, new StepMetrics(key.Step, 1, 0, 1, 0.1, false)))];

    private static (int, int)[] Keys(IEnumerable<StepRow> rows) => [.. rows.Select(row => (row.Attempt, row.Step))];
}
