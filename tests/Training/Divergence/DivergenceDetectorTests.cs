using System.Text.Json;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Training.Tests.Divergence;

public sealed class DivergenceDetectorTests
{
    private static readonly RunSpecification Run = Specifications.Default.With(
        detection => detection with { StallWindow = 30, SilentFailureAfter = 40 });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Given_a_state_saved_at_any_step_when_restored_then_verdicts_and_states_stay_the_same(int seed)
    {
        // Seed 1 blows up at step 40, seed 2 is silent: both restored detectors must find it like the first.
        var random = new Random(seed);
        StepMetrics[] run = [.. Enumerable.Range(0, 80).Select(step => new StepMetrics(
            step,
            (seed == 1 && step > 40 ? Math.Pow(1.5, step - 40) : 2.4) * LossCurves.Noise(random, 0.3),
            0.1 * LossCurves.Noise(random, 0.2),
            seed == 2 && step == 70 ? double.NaN : LossCurves.Noise(random, 0.5),
            0.1,
            Clipped: false))];
        var whole = new DivergenceDetector(Run, Guessing.Uniform(Run.Training.Loss, 10));
        List<string> states = [whole.SaveState()];
        List<DivergenceVerdict?> verdicts = [];
        foreach (StepMetrics metrics in run)
        {
            verdicts.Add(whole.Observe(metrics));
            states.Add(whole.SaveState());
        }

        Assert.Contains(verdicts, verdict => verdict is not null);
        for (int at = 0; at <= 60; at++)
        {
            var restored = new DivergenceDetector(Run, Guessing.Uniform(Run.Training.Loss, 10));
            restored.LoadState(states[at]);
            Assert.Equal(states[at], restored.SaveState());
            for (int step = at; step < run.Length; step++)
            {
                Assert.Equal(verdicts[step], restored.Observe(run[step]));
                Assert.Equal(states[step + 1], restored.SaveState());
            }
        }
    }

    [Fact]
    public void Given_two_steps_when_saved_then_the_state_is_the_documented_JSON()
    {
        var detector = new DivergenceDetector(Specifications.Default, Guessing.Uniform(Specifications.Default.Training.Loss, 10));
        detector.Observe(new StepMetrics(0, 2, 0.1, 0.5, 0.1, Clipped: false));
        detector.Observe(new StepMetrics(1, 1, 0.3, double.NaN, 0.1, Clipped: false));

        // Means of two losses, 1.5; 0.95 * 2 + 0.05 = 1.95; 0.95 * 0.1 + 0.05 * 0.3 = 0.11; the level of 1 is 1/1.5.
        const string Golden = """
            {"version":1,
             "gradientNorms":{"first":0.5,"last":[{"step":0,"norm":0.5}]},
             "rules":{
              "non-finite":{},
              "blow-up":{
               "level":{"first":[2,1],"start":1.5,"average":1.5,"slow":1.5,"low":1.5,"last":1,"noise":0.5,"seen":2,"signed":false},
               "far":{"above":0,"waited":0,"mark":0},
               "fall":{"mark":0,"steps":2,"longest":0,"count":0,"below":0},
               "rise":0,"peak":0,"peakLoss":0,"past":0,"unusual":0,"high":0,"over":0,"stay":0,"top":0,
               "jitter":0.20077325540540822,"logs":[0,0,0,0,-0.4054651081081643],"learningRate":0.1},
              "silent-failure":{"loss":1.95,"accuracy":0.11,"learningRate":0.1,"seen":2,"slow":1.98,
               "lossDeviation":0.05,"accuracyDeviation":0.01,"first":2,"top":2,"learned":0,
               "warmingUp":false,"tail":{"losses":[2,1],"accuracies":[0.1,0.3],"next":0,"best":null,"bestStep":0,"calmStep":1,"thrownFrom":null}},
              "stall":{"first":[2,1],"loss":1.95,"best":1.95,"waited":0,"learningRate":0.1}}}
            """;
        Assert.Equal(string.Concat(Golden.Split('\n').Select(line => line.Trim())), detector.SaveState());
    }

    [Fact]
    public void Given_numbers_that_JSON_has_no_word_for_when_saved_then_restored_exactly()
    {
        var detector = new DivergenceDetector(
            Specifications.Default.With(detection => detection with { Rules = ["blow-up", "silent-failure"] }), Guessing.Uniform("cross-entropy", 10));
        detector.Observe(new StepMetrics(0, 1e308, 0.1, double.PositiveInfinity, 0.1, Clipped: false));
        for (int step = 1; step < 9; step++)
        {
            detector.Observe(new StepMetrics(step, double.PositiveInfinity, double.NaN, 1, 0.1, Clipped: false));
        }

        string state = detector.SaveState();
        detector.LoadState(state);

        Assert.Contains("\"Infinity\"", state, StringComparison.Ordinal);
        Assert.Equal(state, detector.SaveState());
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("""{"version":2,"gradientNorms":{"first":null,"last":[]},"rules":{}}""")]
    [InlineData("""{"version":1,"gradientNorms":{"first":null,"last":[]},"rules":{"non-finite":{}}}""")]
    public void Given_something_else_when_loaded_then_refused(string state)
    {
        Assert.ThrowsAny<JsonException>(() => new DivergenceDetector(Specifications.Default, Guessing.Uniform(Specifications.Default.Training.Loss, 10)).LoadState(state));
    }

    [Fact]
    public void Given_an_unknown_or_repeated_rule_when_made_then_the_message_names_it()
    {
        Assert.Contains("blow-up, silent-failure", Assert.Throws<ArgumentException>(() => new DivergenceDetector(
            Run.With(detection => detection with { Rules = ["blowup"] }), Guessing.Uniform("mse", 10))).Message, StringComparison.Ordinal);
        Assert.Contains("\"stall\"", Assert.Throws<ArgumentException>(() => new DivergenceDetector(
            Run.With(detection => detection with { Rules = ["stall", "stall"] }), Guessing.Uniform("mse", 10))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_gradient_norms_when_condemned_then_the_percentile_is_over_the_healthy_ones_only()
    {
        var detector = new DivergenceDetector(Specifications.Default, Guessing.Uniform(Specifications.Default.Training.Loss, 10));
        for (int step = 0; step < 400; step++)
        {
            // Norms are 0..399; the last 20 before the verdict are not healthy yet.
            Assert.Null(detector.Observe(LossCurves.At(step, 1, norm: step)));
        }

        DivergenceVerdict? verdict = detector.Observe(LossCurves.At(400, double.NaN, norm: 1e9));

        // Healthy are steps up to 380, the last 256 of them: 125..380 (the window holds 256 + 20 of steps 125..400).
        // The 90th percentile, linear: 125 + 0.9 * 255 = 354.5.
        Assert.Equal(354.5, verdict!.HealthyGradientNorm!.Value, 1e-9);
    }

    [Fact]
    public void Given_ten_thousand_steps_when_saved_then_the_state_stays_small()
    {
        var random = new Random(3);
        var detector = new DivergenceDetector(Specifications.Default, Guessing.Uniform(Specifications.Default.Training.Loss, 10));
        for (int step = 0; step < 10_000; step++)
        {
            detector.Observe(LossCurves.At(step, LossCurves.Noise(random, 0.3), norm: LossCurves.Noise(random, 0.3)));
        }

        Assert.InRange(detector.SaveState().Length, 1, 20_000);
    }
}
