using System.Xml.Linq;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Cli.Reports;
using CurvatureActors.Training.Curvature.Kinds;
using CurvatureActors.Training.Specification;
using SkiaSharp;

namespace CurvatureActors.Cli.Tests.Reports;

/// <summary>Report and <c>show</c> of a run whose second attempt discarded steps 20 and later of the first.</summary>
public sealed class KindsReportTests : IDisposable
{
    private readonly StateFixture _state = new();
    private readonly PlannedRun _run = StateFixture.Run("kinds", StateFixture.Specification(steps: 40));

    public void Dispose() => _state.Dispose();

    [Fact]
    public void Given_all_kinds_then_three_more_figures_and_two_tables_with_every_number()
    {
        Begin();
        _state.Add([.. Steps(1, 0, 10, 20, 30).Concat(Steps(2, 20, 40)).SelectMany(at => AllKinds(at.Attempt, at.Step))]);

        (ReportResult result, ReportData data) = Write();

        string[] figures = [.. result.Figures.Select(path => Path.GetFileNameWithoutExtension(path)).Where(name => name.StartsWith(_run.Run, StringComparison.Ordinal))];
        Assert.Equal(
            [.. new[] { "loss", "lambda1", "sharpness", "trace", "densities" }.Select(name => $"{_run.Run}-{name}")], figures);
        Assert.All(result.Figures, path =>
        {
            using SKBitmap image = SKBitmap.Decode(path);
            Assert.True(image.Pixels.Distinct().Count() > 20, $"{path} is blank");
        });
        XElement page = Pages.Parse(File.ReadAllText(result.Page)).Root!;
        string[] labels = [.. page.Descendants().Where(element => element.Name.LocalName == "svg").Select(svg => svg.Attribute("aria-label")!.Value)];
        Assert.Contains(labels, label => label.Contains("λ1, last 7, critical sharpness, last 7, batch sharpness", StringComparison.Ordinal));
        Assert.Contains(labels, label => label.Contains("at the steps 0, 10, 20, 40, from light to dark", StringComparison.Ordinal));
        Assert.Contains(labels, label => label.Contains("4 measurements, the last 7", StringComparison.Ordinal));

        Dictionary<string, string>[] values = Pages.Csv(result.Tables.Single(path => path.EndsWith("curvature-values.csv", StringComparison.Ordinal)));
        Assert.Equal(data.Runs[0].Values.Rows.Count, values.Count(row => row["effective"] == "true"));
        Dictionary<string, string> trace = values.Single(row => row["kind"] == "trace" && row["name"] == "estimate" && row["step"] == "40");
        Assert.Equal((7.0, 0.5), (Pages.Double(trace["value"]), Pages.Double(trace["error"])));
        Assert.Equal(
            ["false", "true"], values.Where(row => row["kind"] == "trace" && row["name"] == "estimate" && row["step"] == "20")
                .OrderBy(row => row["attempt"]).Select(row => row["effective"]));
        Dictionary<string, string>[] densities = Pages.Csv(result.Tables.Single(path => path.EndsWith("densities.csv", StringComparison.Ordinal)));
        Assert.Equal(6 * 5, densities.Length);
        Assert.Equal(0.25, Pages.Double(densities.First(row => row["eigenvalue"] == "10")["density"]));
    }

    [Fact]
    public void Given_no_kinds_then_no_figure_of_them_and_empty_tables()
    {
        Begin();

        (ReportResult result, _) = Write();

        Assert.DoesNotContain(result.Figures, path => path.Contains("sharpness", StringComparison.Ordinal)
            || path.Contains("trace", StringComparison.Ordinal) || path.Contains("densities", StringComparison.Ordinal));
        Assert.Empty(Pages.Csv(result.Tables.Single(path => path.EndsWith("curvature-values.csv", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-3)]
    [InlineData(0)]
    public void Given_odd_numbers_then_the_report_is_written_all_the_same(double value)
    {
        Begin();
        _state.Add([.. AllKinds(1, 0, value)]);
        _state.Add(new DensityRow(_run.Run, 1, 10, [value, value], [value, value], [value, value]));
        Pages.Parse(File.ReadAllText(Write().Result.Page));
    }

    [Fact]
    public void Given_several_measurements_then_show_has_the_newest_of_each_kind()
    {
        Begin();
        _state.Add([.. Steps(1, 0, 30).Concat(Steps(2, 20)).SelectMany(at => AllKinds(at.Attempt, at.Step, at.Step))]);
        using StateReader reader = _state.Open();

        IReadOnlyDictionary<string, KindRow> kinds = KindRow.Newest(reader.CurvatureValues(_run.Run), reader.Densities(_run.Run));

        Assert.Equal(["top", "trace", "density", "critical-sharpness", "batch-sharpness", "directional"], kinds.Keys);
        Assert.All(kinds.Values, kind => Assert.Equal((2, 20), (kind.Attempt, kind.Step)));
        Assert.Equal([new MeasuredValue("estimate", 20, 0.5)], kinds["trace"].Values);
        Assert.Equal((60, 0.25), (kinds["trace"].Products, kinds["trace"].Seconds));
        Assert.Equal(["lambda1", "lambda2", "lambda10"], kinds["top"].Values.Select(row => row.Name));
        Assert.NotNull(kinds["density"].Density);
        Assert.Null(kinds["trace"].Density);
    }

    private static IEnumerable<(int Attempt, int Step)> Steps(int attempt, params int[] steps) => steps.Select(step => (attempt, step));

    private IEnumerable<ITelemetryRow> AllKinds(int attempt, int step, double value = 7)
    {
        foreach ((string kind, string name) in new[]
        {
            ("top", "lambda1"), ("top", "lambda2"), ("top", "lambda10"), ("trace", "estimate"), ("density", "mean"),
            ("critical-sharpness", "sharpness"), ("batch-sharpness", "sharpness"), ("directional", "gradient"), ("directional", "update"),
        })
        {
            yield return new CurvatureValueRow(_run.Run, attempt, step, kind, name, value, 0.5);
        }

        yield return new CurvatureValueRow(_run.Run, attempt, step, "trace", KindRows.Products, 60, null);
        yield return new CurvatureValueRow(_run.Run, attempt, step, "trace", KindRows.Seconds, 0.25, null);
        yield return new DensityRow(_run.Run, attempt, step, [0, 5, 10, 15, 20], [1, 0.5, 0.25, 0, 1e-3], [0.1, 0.1, 0.1, 0, double.NaN]);
    }

    private void Begin()
    {
        _state.Accept("kinds", _run);
        TrainingPlan plan = TrainingPlan.Initial(_run.Specification);
        _state.Record(
            _run.Run,
            new RunClaimed(1, "node", "cpu", StateFixture.Start),
            new AttemptStarted(1, 0, plan, StateFixture.Start),
            new AttemptStarted(2, 20, plan, StateFixture.Start));
    }

    private (ReportResult Result, ReportData Data) Write()
    {
        using StateReader reader = _state.Open();
        return (ReportWriter.Write(reader, null, _state.Output), ReportData.Gather(reader, null));
    }
}
