using CurvatureActors.Actors.Configuration;
using CurvatureActors.Cli.Reports.Studies;

namespace CurvatureActors.Cli.Tests.Reports.Studies;

/// <summary>Each run's loss is 2 until a known step and far below from there on, down to the same level: the target is passed there.</summary>
public sealed class BatchScalingStudyTests : IDisposable
{
    private readonly StudyFixture _study = new("batch-scaling");
    private readonly Dictionary<string, int> _dropsAt = [];

    public void Dispose() => _study.Dispose();

    [Theory]
    [InlineData(30, 12, true)]
    [InlineData(5, 12, false)]
    [InlineData(30, 31, false)]
    public void The_sharp_model_must_gain_less_and_warmup_bring_it_back(int sharpAtLarge, int warmAtLarge, bool holds)
    {
        Model("batch", 5, warmup: 0, small: 40, large: 10);
        Model("none", 100, warmup: 0, small: 40, large: sharpAtLarge);
        Model("none", 100, warmup: 10, small: 40, large: warmAtLarge);
        _study.Loss = (run, step) => step < _dropsAt[run.Run] ? 2 : 0.1;

        Verdict verdict = _study.Judge();

        Assert.Equal(holds, verdict.Holds);
        Assert.Equal(6, verdict.Table.Rows.Count);
        // Larger batches never need more steps here, except where the case says so.
        Assert.All(verdict.Table.Rows, row => Assert.InRange((int)row[5]!, 1, 60));
    }

    [Fact]
    public void Given_one_model_then_nothing_is_said()
    {
        Model("none", 100, warmup: 0, small: 40, large: 10);
        _study.Loss = (run, step) => step < _dropsAt[run.Run] ? 2 : 0.1;
        Assert.Null(_study.Judge().Holds);
    }

    private void Model(string normalization, double lambda1, int warmup, int small, int large)
    {
        foreach ((int batch, int drop) in new[] { (16, small), (256, large) })
        {
            PlannedRun run = _study.Completed(
                Asked.Run(warmup: warmup, normalization: normalization, batch: batch), Asked.Constant(lambda1));
            _dropsAt[run.Run] = drop;
        }
    }
}
