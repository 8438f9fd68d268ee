using CurvatureActors.Actors.Configuration;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Tests.Configuration;

public class InitialisationSettingsTests
{
    [Fact]
    public void Without_a_word_about_it_a_run_has_no_initialisation_in_its_specification()
    {
        RunSpecification run = Run();
        Assert.Null(run.Model.Initialisation);
        Assert.Null(run.Optimizer.SecondMomentInit);
        Assert.Null(run.Schedule.WarmupFrom);
        string json = System.Text.Encoding.UTF8.GetString(SpecificationJson.Canonical(run));
        Assert.DoesNotContain("nitialisation", json, StringComparison.Ordinal);
        Assert.DoesNotContain("secondMomentInit", json, StringComparison.Ordinal);
        Assert.DoesNotContain("warmupFrom", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("init.metainit.steps=9")]
    [InlineData("init.gradinit.rate=0.5")]
    [InlineData("init.kind=he")]
    [InlineData("init.scales.convolution=1")]
    [InlineData("optimizer.second-moment-init=gradient")]
    [InlineData("schedule.warmup-from=critical")]
    public void A_key_without_effect_leaves_the_identity_alone(string set) =>
        Assert.Equal(Run().Identity(), Run(set).Identity());

    [Fact]
    public void The_published_constants_are_the_defaults()
    {
        Assert.Equal(
            new MetaInitSpecification { Steps = 500, Rate = 0.1, Momentum = 0.9, BatchSize = 64, Epsilon = 1e-5 },
            Run("init.phase=metainit").Model.Initialisation!.MetaInit);
        Assert.Equal(
            new GradInitSpecification
            {
                Steps = 390,
                Rate = 0.01,
                StepSize = 0.1,
                MaximumGradientNorm = 1,
                BatchSize = 64,
                MinimumScale = 0.01,
                ClipNorm = 1,
            },
            Run("init.phase=gradinit").Model.Initialisation!.GradInit);
    }

    [Theory]
    [InlineData("curvature.init.kind is \"kaiming\"; allowed are he, lecun, xavier, orthogonal, fixup.", "init.kind=kaiming")]
    [InlineData("curvature.init.phase is \"meta\"; allowed are none, metainit, gradinit.", "init.phase=meta")]
    [InlineData("curvature.init.scales.linear is 0; allowed is a number above 0.", "init.scales.linear=0")]
    [InlineData("curvature.init.metainit.steps is 0; allowed is a whole number of at least 1.", "init.metainit.steps=0")]
    [InlineData("curvature.init.gradinit.min-scale is 2; allowed is a number above 0 and at most 1.", "init.gradinit.min-scale=2")]
    [InlineData("curvature.init.gradinit.batch-size is 1; allowed is a whole number of at least 2.", "init.gradinit.batch-size=1")]
    [InlineData("curvature.schedule.warmup-from is \"edge\"; allowed are zero, critical.", "schedule.warmup-from=edge")]
    [InlineData("curvature.optimizer.second-moment-init is \"one\"; allowed are zero, gradient.", "optimizer.second-moment-init=one")]
    [InlineData("curvature.init.kind is \"fixup\", which is for residual networks; curvature.model.kind is \"cnn\", allowed is wide-resnet.", "init.kind=fixup")]
    [InlineData("curvature.model.normalization is \"batch\"; with curvature.init.kind = fixup, which replaces normalisation, it must be none.", "init.kind=fixup", "model.kind=wide-resnet", "model.normalization=batch")]
    [InlineData("curvature.init.phase is \"metainit\", which scales weight matrices; the model quadratic has none.", "init.phase=metainit", "model.kind=quadratic", "data.name=synthetic", "training.loss=output")]
    [InlineData("curvature.init.gradinit.batch-size is 64, of which an iteration draws one and a half; that cannot exceed curvature.data.train-examples (95).", "init.phase=gradinit", "data.train-examples=95", "probe.enabled=off")]
    public void What_does_not_go_is_named_with_what_does(string message, params string[] sets) =>
        Assert.Equal(message, Assert.Throws<ConfigurationException>(() => Run(sets)).Message);

    private static RunSpecification Run(params string[] sets) =>
        ExperimentLoader.LoadText("", "x", sets).Runs[0].Specification;
}
