using CurvatureActors.Cli.Reports.Studies;

namespace CurvatureActors.Cli.Tests.Reports.Studies;

public sealed class BestRateStudyTests : IDisposable
{
    private static readonly double[] Rates = [0.01, 0.03, 0.1, 0.3];
    private readonly StudyFixture _study = new("best-rate");

    public void Dispose() => _study.Dispose();

    [Fact]
    public void Given_the_sharp_models_best_rate_at_its_limit_then_it_holds_wherever_the_flat_ones_is()
    {
        Model("mlp", lambda1: 5, stable: 0.3, best: 0.03);
        Model("cnn", lambda1: 100, stable: 0.1, best: 0.1);

        Verdict verdict = _study.Judge();

        Assert.True(verdict.Holds);
        Assert.Contains("For 1 of 1 models", verdict.Sentence, StringComparison.Ordinal);
        Assert.Equal(["mlp", "cnn"], verdict.Table.Rows.Select(row => row[0]));
        Assert.Equal([0.1, 1.0], verdict.Table.Rows.Select(row => (double)row[7]!));
    }

    [Fact]
    public void Given_the_sharp_models_best_rate_far_below_its_limit_then_it_does_not_hold()
    {
        Model("mlp", lambda1: 5, stable: 0.3, best: 0.3);
        Model("cnn", lambda1: 100, stable: 0.1, best: 0.01);
        Assert.False(_study.Judge().Holds);
    }

    [Fact]
    public void Given_one_model_then_nothing_is_said()
    {
        Model("cnn", lambda1: 100, stable: 0.1, best: 0.1);
        Assert.Null(_study.Judge().Holds);
    }

    private void Model(string model, double lambda1, double stable, double best)
    {
        foreach (double rate in Rates)
        {
            if (rate > stable)
            {
                _study.Diverged(Asked.Run(rate, model: model), Asked.Constant(lambda1));
            }
            else
            {
                _study.Completed(Asked.Run(rate, model: model), Asked.Constant(lambda1), rate == best ? 0.9 : 0.7);
            }
        }
    }
}
