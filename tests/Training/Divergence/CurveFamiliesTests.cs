using System.Globalization;
using CurvatureActors.Training.Divergence;

namespace CurvatureActors.Training.Tests.Divergence;

/// <summary>
/// All rules over forty members of every family. The rules were made on the seeds from 0 on, docs/detection.md reports those
/// from 1000 on, and the limits here hold for a third forty. Each test writes its line of the table to its output.
/// </summary>
public sealed class CurveFamiliesTests(ITestOutputHelper output)
{
    private const int Members = 40;
    private const int Design = 0;
    private const int Reported = 1000;
    private const int Tested = 9000;

    public static TheoryData<string> Names => [.. CurveFamilies.All.Select(family => family.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_family_is_left_alone_or_found_out(string name)
    {
        CurveFamily family = CurveFamilies.All.Single(one => one.Name == name);
        Score score = Watch(family, Tested);
        foreach ((string seeds, int first) in new[] { ("design", Design), ("reported", Reported), ("tested", Tested) })
        {
            output.WriteLine($"| {name} | {seeds} | {Watch(family, first)} |");
        }

        if (!family.Diverges)
        {
            // A rise of ten times in 10 to 13 steps is, until it turns, the same curve as a growth of 1.2 a step.
            Assert.InRange(score.Verdicts, 0, name.StartsWith("catapult of 10", StringComparison.Ordinal) ? 8 : 2);
            return;
        }

        Assert.InRange(score.Verdicts, Members - 1, Members);
        Assert.InRange(score.Early, 0, 1);
        Assert.InRange(score.MedianDelay!.Value, 0, Patience(name));
    }

    [Theory]
    [InlineData("growth of 1.1 to 1.5 a step, late", 12)]
    [InlineData("jump of 10 to 1e6 in 1 to 5 steps, then flat", 2)]
    [InlineData("growth from a low to a plateau of 6 to 100", 15)]
    [InlineData("back to guessing", 8)]
    [InlineData("flat at 1e3 to 1e6 from the first step", 0)]
    [InlineData("not finite from one step to the next", 0)]
    public void The_onset_is_where_the_trouble_began_however_late_it_was_seen(string name, int late)
    {
        CurveFamily family = CurveFamilies.All.Single(one => one.Name == name);
        int[] off = [.. Enumerable.Range(Tested, Members)
            .Select(seed => family.Draw(new Random(seed)))
            .Select(curve => (First(curve)!.OnsetStep!.Value, curve.Onset!.Value))
            .Select(pair => pair.Item1 - pair.Item2)
            .Order()];

        output.WriteLine($"{name}: {string.Join(' ', off)}");
        // The verdict says the last healthy step: the one before the onset, as closely as smoothing and noise let it.
        Assert.InRange(off[1], -30, late);
        Assert.InRange(off[Members / 2], -3, late);
        Assert.InRange(off[^2], -3, late);
    }

    [Fact]
    public void The_same_seed_draws_the_same_member()
    {
        foreach (CurveFamily family in CurveFamilies.All)
        {
            Assert.Equal(family.Draw(new Random(7)).Steps, family.Draw(new Random(7)).Steps);
        }
    }

    private static int Patience(string name) => name switch
    {
        "growth of 1.02 to 1.1 a step" => 70,
        "growth of 1.3 to 3 a step" or "heavy ball at 3.85 to 4.5 of 3.8" => 12,
        "flat at 1e3 to 1e6 from the first step" => 120,
        "stuck at guessing" => 205,
        "not finite from one step to the next" => 0,
        "oscillation of period 2, growing by 1.01 to 1.1 a step" => 120,
        "back to guessing" => 70,
        "down to -1e29" or "growth from a low to a plateau of 6 to 100" => 50,
        _ => 16,
    };

    private static Score Watch(CurveFamily family, int first)
    {
        List<int> delays = [];
        int verdicts = 0;
        for (int seed = first; seed < first + Members; seed++)
        {
            Curve curve = family.Draw(new Random(seed));
            if (First(curve) is { } verdict)
            {
                verdicts++;
                delays.Add(verdict.Step - (curve.Onset ?? 0));
            }
        }

        delays.Sort();
        return new Score(verdicts, family.Diverges ? delays : []);
    }

    private static DivergenceVerdict? First(Curve curve)
    {
        // Accuracy 0 throughout: nothing is classified, and nothing is known of guessing.
        Guessing guessing = curve.Steps.All(step => step.Accuracy == 0)
            ? Guessing.Of("output", [])
            : Guessing.Uniform("cross-entropy", 10);
        var detector = new DivergenceDetector(Specifications.Default, guessing);
        return curve.Steps.Select(step => detector.Observe(step)).FirstOrDefault(verdict => verdict is not null);
    }

    private sealed record Score(int Verdicts, IReadOnlyList<int> Delays)
    {
        internal int Early => Delays.Count(delay => delay < 0);

        internal int? MedianDelay => Delays.Count == 0 ? null : Delays[Delays.Count / 2];

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Verdicts}{(Delays.Count == 0 ? "" : $" | {Early} | {MedianDelay} | {Delays[^1]}")}");
    }
}
