using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Cli.Reports;
using CurvatureActors.Cli.Reports.Page;
using CurvatureActors.Cli.Reports.Studies;

namespace CurvatureActors.Cli.Tests.Reports.Studies;

public sealed class StudyReportTests
{
    [Fact]
    public void Given_a_study_that_is_not_there_then_the_error_names_it_and_those_that_are()
    {
        using var state = new StateFixture();
        state.Accept("mine", "egde", StateFixture.Run("a", StateFixture.Specification()));
        using StateReader reader = state.Open();

        var error = Assert.Throws<ReportException>(() => ReportWriter.Write(reader, null, state.Output));

        Assert.Contains("\"egde\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("edge", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(state.Output));
    }

    [Fact]
    public void Given_no_study_then_the_report_has_no_verdict()
    {
        using var state = new StateFixture();
        state.Accept("mine", StateFixture.Run("a", StateFixture.Specification()));
        using StateReader reader = state.Open();

        ReportResult result = ReportWriter.Write(reader, null, state.Output);

        Assert.Null(result.Verdict);
        Assert.DoesNotContain(result.Tables, path => path.EndsWith("study.csv", StringComparison.Ordinal));
        Assert.DoesNotContain("id=\"study\"", File.ReadAllText(result.Page), StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_verdict_then_the_page_starts_with_it_and_its_numbers_lie_beside()
    {
        using var state = new StateFixture();
        state.Accept("mine", "edge", StateFixture.Run("a", StateFixture.Specification()));
        using StateReader reader = state.Open();

        ReportResult result = ReportWriter.Write(reader, null, state.Output);

        string page = File.ReadAllText(result.Page);
        int verdict = page.IndexOf("id=\"study\"", StringComparison.Ordinal);
        Assert.InRange(verdict, 1, page.IndexOf("id=\"meaning\"", StringComparison.Ordinal));
        Assert.Contains("No run has come so far", page, StringComparison.Ordinal);
        Dictionary<string, string>[] rows = Pages.Csv(result.Tables.Single(path => path.EndsWith("study.csv", StringComparison.Ordinal)));
        Assert.Equal("a", Assert.Single(rows)["run"]);
    }

    public static TheoryData<string> Studies => [.. StudyRegistry.All.Select(study => study.Name)];

    [Theory]
    [MemberData(nameof(Studies))]
    public void Given_a_run_that_is_not_at_its_end_then_each_study_says_so_first(string name)
    {
        using var study = new StudyFixture(name);
        study.Completed(Asked.Run(), Asked.Constant(10));
        study.Unfinished(Asked.Run(0.2), Asked.Constant(10), at: 5);
        Assert.StartsWith(
            "1 of 2 runs is missing (1 unfinished), so this is about a part of the experiment. ", study.Judge().Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Studies))]
    public void Given_all_runs_at_their_end_then_no_study_misses_any(string name)
    {
        using var study = new StudyFixture(name);
        study.Completed(Asked.Run(), Asked.Constant(10));
        study.Diverged(Asked.Run(0.2), Asked.Constant(10));
        Assert.DoesNotContain("missing", study.Judge().Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_missing_in_a_column_of_numbers_stands_where_a_number_would()
    {
        var table = new StudyTable("what", "word", "number");
        table.Add("first", "a", 1.5);
        table.Add("second", null, null);
        var html = new Html();

        new StudySection(StudyRegistry.Find("adam"), new Verdict(null, "Nothing.", table), []).Render(html);

        Assert.Contains("second</th><td>–</td><td class=\"n\">–</td>", html.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_unique_and_fit_the_key() => Assert.Equal(
        StudyRegistry.All.Select(study => study.Name),
        StudyRegistry.All.Select(study => study.Name).Distinct().Where(name => name.All(letter => char.IsAsciiLetterLower(letter) || letter == '-')));

    [Fact]
    public void A_row_must_fit_its_table() =>
        Assert.Throws<ArgumentException>(() => new StudyTable("a", "b").Add(1));

    [Theory]
    [InlineData(new[] { 3.0, 1, 2 }, 2)]
    [InlineData(new[] { 4.0, 1, 2, 3 }, 2.5)]
    public void The_median_is_the_middle(double[] values, double median) => Assert.Equal(median, Statistics.Median(values));

    [Theory]
    [InlineData(new[] { 1.0, 2, 3 }, 0.5773502691896258)]
    [InlineData(new[] { 1.0 }, 0)]
    public void The_standard_error_is_that_of_the_mean(double[] values, double error) =>
        Assert.Equal(error, Statistics.StandardError(values), 12);
}
