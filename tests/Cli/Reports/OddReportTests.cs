using System.Xml.Linq;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Actors.Telemetry;
using CurvatureActors.Cli.Reports;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;
using SkiaSharp;

namespace CurvatureActors.Cli.Tests.Reports;

/// <summary>What a report must bear: nothing there, nothing finite, hostile names, very many runs.</summary>
public sealed class OddReportTests : IDisposable
{
    private readonly StateFixture _state = new();

    public void Dispose() => _state.Dispose();

    [Fact]
    public void No_experiment_is_one_clear_sentence()
    {
        using StateReader reader = _state.Open();
        ReportException error = Assert.Throws<ReportException>(() => ReportWriter.Write(reader, null, _state.Output));
        Assert.Contains("no experiment in this state directory", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_state.Output));
    }

    [Fact]
    public void An_unknown_experiment_is_answered_with_the_known_ones()
    {
        _state.Accept("first", Run(0.1));
        _state.Accept("second", Run(0.2));
        using StateReader reader = _state.Open();
        ReportException error = Assert.Throws<ReportException>(() => ReportWriter.Write(reader, "frist", _state.Output));
        Assert.Equal("There is no experiment \"frist\" in this state directory; there are \"first\", \"second\".", error.Message);
    }

    [Fact]
    public void Without_a_name_the_experiment_accepted_last_is_reported()
    {
        _state.Accept("first", Run(0.1));
        _state.Accept("second", Run(0.2));
        Assert.Equal("second", Write().Experiment);
    }

    [Fact]
    public void A_directory_that_cannot_be_written_is_one_clear_sentence()
    {
        _state.Accept("first", Run(0.1));
        using StateReader reader = _state.Open();
        string file = Path.Combine(Path.GetDirectoryName(_state.Output)!, "file");
        File.WriteAllText(file, "");
        ReportException error = Assert.Throws<ReportException>(() => ReportWriter.Write(reader, null, file));
        Assert.StartsWith($"The report cannot be written to {file}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_experiment_of_no_runs_does_not_break_it()
    {
        _state.Accept("empty");
        Assert.Contains("0 runs", Page(Write()).Root!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_never_started_does_not_break_it()
    {
        _state.Accept("waiting", Run(0.1));
        string text = Page(Write()).Root!.Value;
        Assert.Contains("1 run: 1 is not at its end yet.", text, StringComparison.Ordinal);
        Assert.Contains("no step trained yet", text, StringComparison.Ordinal);
        Assert.Contains("no curvature was measured", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_with_probes_off_does_not_break_it()
    {
        PlannedRun run = Run(0.1);
        _state.Accept("probes off", run);
        Begin(run);
        _state.Add([.. Enumerable.Range(0, 5).Select(step => Step(run, step, 2.3 - (0.1 * step)))]);
        _state.Record(run.Run, new RunCompleted(5, new Evaluation(5, 1.8, 0.4), new string('a', 64), StateFixture.Start));
        ReportResult result = Write();
        string text = Page(result).Root!.Value;
        Assert.Contains("1 run: 1 completed as asked.", text, StringComparison.Ordinal);
        Assert.Contains("no curvature was measured", text, StringComparison.Ordinal);
        Assert.Equal("", Pages.Csv(Table(result, "runs.csv")).Single()["lambda1"]);
    }

    [Fact]
    public void A_run_of_nothing_but_NaN_does_not_break_it()
    {
        PlannedRun run = Run(0.1);
        _state.Accept("nan", run);
        Begin(run);
        _state.Add(Step(run, 0, double.NaN), Step(run, 1, double.PositiveInfinity), Step(run, 2, -1));
        _state.Add(new EvaluationRow(run.Run, 1, new Evaluation(2, double.NaN, double.NaN)));
        _state.Add(Measured(run, 0, double.NaN, double.NaN), Measured(run, 1, -3, 0.1), Measured(run, 2, 0, double.PositiveInfinity));
        _state.Record(
            run.Run,
            new DivergenceDetected(1, new DivergenceVerdict(0, "non-finite", "The loss is NaN.", null), StateFixture.Start),
            new RunDiverged(0, "No restart was allowed.", StateFixture.Start));
        ReportResult result = Write();
        string text = Page(result).Root!.Value;
        Assert.Contains("no finite loss", text, StringComparison.Ordinal);
        Assert.Contains("no positive, finite λ1", text, StringComparison.Ordinal);
        Assert.Equal(["NaN", "Infinity", "-1"], Pages.Csv(Table(result, "steps.csv")).Select(row => row["loss"]));
        Assert.Equal(["NaN", "-3", "0"], Pages.Csv(Table(result, "measurements.csv")).Select(row => row["lambda1"]));
    }

    [Fact]
    public void A_run_of_one_step_does_not_break_it()
    {
        RunSpecification specification = StateFixture.Specification(steps: 1, optimizer: "adam");
        PlannedRun run = StateFixture.Run("short", specification);
        _state.Accept("one step", run);
        Begin(run);
        _state.Add(Step(run, 0, 2.3), Measured(run, 0, 12, 0.01, preconditioned: 700));
        Assert.Contains("preconditioned", Page(Write()).Root!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_names_are_escaped_everywhere()
    {
        const string Name = "<script>alert(1)</script>, \"a\" & 'b'\r\nnew\0line";
        PlannedRun run = StateFixture.Run(Name, StateFixture.Specification(), ("model.<b>", "x\"y"));
        PlannedRun other = StateFixture.Run("plain", StateFixture.Specification(0.2), ("model.<b>", "</svg>"));
        _state.Accept(Name, run, other);
        Begin(run);
        _state.Add(Step(run, 0, 2.3), Measured(run, 0, 12, 0.01));
        _state.Record(run.Run, new RunFailed("</p><script>alert(2)</script>", StateFixture.Start));
        ReportResult result = Write(Name);
        string page = File.ReadAllText(result.Page);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("<script>alert(1)</script>", Page(result).Root!.Value, StringComparison.Ordinal);
        Dictionary<string, string> row = Pages.Csv(Table(result, "runs.csv"))[0];
        Assert.Equal(Name, row["name"]);
        Assert.Equal("</p><script>alert(2)</script>", row["reason"]);
    }

    [Fact]
    public void Very_many_runs_keep_the_page_small()
    {
        SampleSweep.Write(_state, seeds: 5);
        ReportResult result = Write();
        XDocument page = Page(result);
        Assert.Equal(40, page.Descendants().Count(element => element.Name.LocalName == "article"));
        Assert.Equal(
            4 + (2 * ReportWriter.MostRunsWithFigures), page.Descendants().Count(element => element.Name.LocalName == "svg"));
        Assert.Single(page.Descendants(), element => element.Name.LocalName == "details");
        Assert.Equal(84, result.Figures.Count);
        // Those with a story are among the drawn ones.
        XElement[] hidden = [.. page.Descendants().Single(element => element.Name.LocalName == "details").Descendants()];
        Assert.DoesNotContain(hidden, element => element.Attribute("class")?.Value is "badge rescued" or "badge diverged");
        Assert.True(new FileInfo(result.Page).Length < 3_000_000);
    }

    [Fact]
    public void A_second_report_replaces_the_first()
    {
        _state.Accept("first", Run(0.1));
        using StateReader reader = _state.Open();
        ReportResult once = ReportWriter.Write(reader, null, _state.Output);
        ReportResult again = ReportWriter.Write(reader, null, _state.Output);
        Assert.Equal(once.Figures, again.Figures);
        Assert.Equal(once.Page, again.Page);
        using SKBitmap image = SKBitmap.Decode(again.Figures[0]);
        Assert.NotNull(image);
    }

    private static PlannedRun Run(double rate) => StateFixture.Run($"rate {rate}", StateFixture.Specification(rate));

    private static StepRow Step(PlannedRun run, int step, double loss) =>
        new(run.Run, 1, new StepMetrics(step, loss, 0.1, loss, 0.1, false));

    private static MeasurementRow Measured(PlannedRun run, int step, double lambda, double residual, double? preconditioned = null) =>
        new(run.Run, 1, 0, new CurvatureMeasurement
        {
            Step = step,
            Lambda1 = lambda,
            Residual = residual,
            Converged = false,
            Products = 5,
            PreconditionedLambda1 = preconditioned,
            Examples = 16,
            LearningRate = 0.1,
            Threshold = 38,
            StabilityRatio = null,
            Seconds = 0.1,
        });

    private static string Table(ReportResult result, string name) =>
        result.Tables.Single(path => path.EndsWith(name, StringComparison.Ordinal));

    private static XDocument Page(ReportResult result) => Pages.Parse(File.ReadAllText(result.Page));

    private void Begin(PlannedRun run) => _state.Record(
        run.Run,
        new RunClaimed(1, "node", "cpu", StateFixture.Start),
        new AttemptStarted(1, 0, TrainingPlan.Initial(run.Specification), StateFixture.Start));

    private ReportResult Write(string? experiment = null)
    {
        using StateReader reader = _state.Open();
        return ReportWriter.Write(reader, experiment, _state.Output);
    }
}
