using System.Text.Json;
using CurvatureActors.Training.Divergence;

namespace CurvatureActors.Training.Tests.Divergence;

/// <summary>What snapshots of the version before hold of a detector.</summary>
public sealed class DetectorStateTests
{
    // Byte for byte what that version wrote after two steps with losses 2 and 1.
    private const string Before =
        """{"version":1,"gradientNorms":{"first":0.5,"last":[{"step":0,"norm":0.5}]},"rules":{"non-finite":{},"blow-up":{"first":[2,1],"average":1.8,"best":1.8,"lastLog":0,"raised":1,"over":0,"peak":1.8,"peakLoss":1,"noise":[-0.6931471805599453]},"silent-failure":{"loss":1.95,"accuracy":0.11,"learningRate":0.1},"stall":{"first":[2,1],"loss":1.95,"best":1.95,"waited":0,"learningRate":0.1}}}""";

    [Fact]
    public void Given_the_state_of_the_version_before_when_loaded_then_blow_up_starts_afresh_and_goes_on_alike()
    {
        DivergenceDetector[] detectors = [Make(), Make()];
        var fresh = new DivergenceDetector(Specifications.Default, Guessing.Uniform("cross-entropy", 10));
        foreach (DivergenceDetector detector in detectors)
        {
            detector.LoadState(Before);
        }

        List<int> verdicts = [];
        for (int step = 2; step < 80; step++)
        {
            double loss = step < 50 ? 1 : Math.Pow(1.5, step - 49);
            DivergenceVerdict?[] seen = [.. detectors.Append(fresh).Select(one => one.Observe(LossCurves.At(step, loss, 0.5, 0.5)))];
            Assert.Equal(seen[0], seen[1]);
            Assert.Equal(seen[2]?.Evidence, seen[0]?.Evidence);
            if (seen[0] is not null)
            {
                verdicts.Add(step);
            }
        }

        Assert.InRange(verdicts[0], 50, 62);
        Assert.Equal(detectors[0].SaveState(), detectors[1].SaveState());
    }

    [Fact]
    public void Given_the_state_of_the_version_before_when_nothing_is_learned_then_a_silent_failure_as_ever()
    {
        DivergenceDetector detector = Make();
        detector.LoadState(Before.Replace("\"loss\":1.95,\"accuracy\"", "\"loss\":2.303,\"accuracy\"", StringComparison.Ordinal));

        DivergenceVerdict? verdict = Enumerable.Range(190, 100)
            .Select(step => detector.Observe(LossCurves.At(step, 2.303, 0.1)))
            .FirstOrDefault(one => one is not null);

        Assert.Equal(("silent-failure", 200, 0), (verdict?.Rule, verdict?.Step, verdict?.OnsetStep));
    }

    [Fact]
    public void Given_too_few_levels_when_loaded_then_refused()
    {
        DivergenceDetector detector = Make();
        detector.Observe(LossCurves.At(0, 1));
        string cut = detector.SaveState().Replace("\"logs\":[0,0,0,0,0]", "\"logs\":[0,0]", StringComparison.Ordinal);

        Assert.Throws<JsonException>(() => Make().LoadState(cut));
    }

    private static DivergenceDetector Make() => new(Specifications.Default, Guessing.Uniform("cross-entropy", 10));
}
