using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Cli.Reports.Studies;

namespace CurvatureActors.Cli.Tests.Reports.Studies;

/// <summary>A uniform density on [-1, 3]: a quarter below 0, mean 1, 99 % of the mass below 2.96.</summary>
public sealed class SpectrumStudyTests : IDisposable
{
    private readonly StudyFixture _study = new("spectrum");

    public void Dispose() => _study.Dispose();

    [Fact]
    public void Masses_of_a_uniform_density_are_those_of_its_rectangle()
    {
        (double negative, double edge, double mean) = SpectrumStudy.Of(Uniform("run", 0, 1));
        Assert.Equal(0.25, negative, 9);
        Assert.Equal(2.96, edge, 9);
        Assert.Equal(1, mean, 9);
    }

    [Fact]
    public void What_is_seen_is_told()
    {
        PlannedRun small = _study.Completed(Asked.Run(initScale: 0.5), Asked.Constant(10));
        PlannedRun large = _study.Completed(Asked.Run(initScale: 2), Asked.Constant(10));
        _study.Add(Uniform(small.Run, 0, 1));
        _study.Add(Uniform(small.Run, 50, 2));
        _study.Add(Uniform(large.Run, 0, 8));
        _study.Add(Uniform(large.Run, 50, 6));

        Verdict verdict = _study.Judge();

        Assert.Null(verdict.Holds);
        Assert.Equal(
            "Between the initialisations the mean eigenvalue differs by a factor of 8 at first and of 3 at the end (2 runs that reached it).",
            verdict.Sentence);
        Assert.Equal(4, verdict.Table.Rows.Count);
    }

    [Fact]
    public void Given_no_density_then_that_is_said()
    {
        _study.Completed(Asked.Run(), Asked.Constant(10));
        Assert.StartsWith("No run", _study.Judge().Sentence, StringComparison.Ordinal);
    }

    /// <summary>On [-scale, 3 scale], 401 points.</summary>
    private static DensityRow Uniform(string run, int step, double scale)
    {
        double[] grid = [.. Enumerable.Range(0, 401).Select(i => scale * ((i / 100.0) - 1))];
        double[] density = [.. grid.Select(_ => 1 / (4 * scale))];
        return new DensityRow(run, 1, step, [.. grid], [.. density], [.. density]);
    }
}
