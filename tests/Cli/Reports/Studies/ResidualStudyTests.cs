using CurvatureActors.Actors.Configuration;
using CurvatureActors.Cli.Reports.Studies;

namespace CurvatureActors.Cli.Tests.Reports.Studies;

/// <summary>The two studies of residual nets.</summary>
public sealed class ResidualStudyTests
{
    [Theory]
    [InlineData(300, 4, 0.6, 0.8, true)]
    [InlineData(90, 4, 0.6, 0.8, false)]
    [InlineData(300, 2.4, 0.6, 0.8, false)]
    [InlineData(300, 4, 0.8, 0.8, false)]
    [InlineData(300, 4, 0.6, 0.7, false)]
    public void The_stride_must_sharpen_spike_harm_and_be_cured(
        double lambda1, double spike, double harmed, double cured, bool holds)
    {
        using var study = new StudyFixture("stride");
        PlannedRun usual = study.Completed(Asked.Net(), Asked.Constant(10), 0.8);
        PlannedRun sharp = study.Completed(Asked.Net(lastStride: 1), Asked.Constant(lambda1), harmed);
        study.Completed(Asked.Net(lastStride: 1, warmup: 20), Asked.Constant(lambda1), cured);
        study.Loss = (run, step) => run == sharp && step == 3 ? spike : 2.3;

        Verdict verdict = study.Judge();

        Assert.Equal(holds, verdict.Holds);
        Assert.Equal((double)verdict.Table.Rows[1][2]!, lambda1);
        Assert.Equal(3, verdict.Table.Rows.Count);
        Assert.NotEqual(usual.Run, sharp.Run);
    }

    // Means 0.8 and 0.7. Two standard errors of the difference: 2 sqrt((0.02^2 + s^2) / 2), 0.032 and 0.143 here.
    [Theory]
    [InlineData(0.01, true)]
    [InlineData(0.1, false)]
    public void A_loss_of_accuracy_within_the_scatter_of_the_seeds_is_none(double scatter, bool holds)
    {
        using var study = new StudyFixture("stride");
        foreach (int sign in (int[])[-1, 1])
        {
            study.Completed(Seed(Asked.Net(), sign), Asked.Constant(10), 0.8 + (sign * 0.01414));
            study.Completed(Seed(Asked.Net(lastStride: 1), sign), Asked.Constant(300), 0.7 + (sign * scatter * 0.7071));
            study.Completed(Seed(Asked.Net(lastStride: 1, warmup: 20), sign), Asked.Constant(300), 0.8);
        }

        study.Loss = (run, step) => step == 3 ? 4 : 2.3;

        Assert.Equal(holds, study.Judge().Holds);

        static Training.Specification.RunSpecification Seed(Training.Specification.RunSpecification run, int sign) => run with { Seed = 2 + sign };
    }

    [Fact]
    public void Given_only_one_stride_then_nothing_is_said()
    {
        using var study = new StudyFixture("stride");
        study.Completed(Asked.Net(), Asked.Constant(10));
        Assert.Null(study.Judge().Holds);
    }

    [Theory]
    [InlineData(5000, false, true, true)]
    [InlineData(500, false, true, false)]
    [InlineData(5000, true, true, false)]
    [InlineData(5000, false, false, false)]
    public void The_extra_norm_must_sharpen_beat_warmup_and_be_cured_by_clipping(
        double lambda1, bool warmupWorks, bool clippingWorks, bool holds)
    {
        using var study = new StudyFixture("extra-norm");
        study.Completed(Asked.Net(), Asked.Constant(10));
        study.Diverged(Asked.Net(extra: "batch"), Asked.Constant(lambda1));
        Run(Asked.Net(extra: "batch", warmup: 20), warmupWorks);
        Run(Asked.Net(extra: "batch", clip: 1), clippingWorks);

        Assert.Equal(holds, study.Judge().Holds);

        void Run(Training.Specification.RunSpecification specification, bool works)
        {
            if (works)
            {
                study.Completed(specification, Asked.Constant(lambda1));
            }
            else
            {
                study.Diverged(specification, Asked.Constant(lambda1));
            }
        }
    }

    [Fact]
    public void Given_no_clipping_then_nothing_is_said()
    {
        using var study = new StudyFixture("extra-norm");
        study.Completed(Asked.Net(), Asked.Constant(10));
        study.Diverged(Asked.Net(extra: "batch", warmup: 20), Asked.Constant(5000));
        Assert.Null(study.Judge().Holds);
    }
}
