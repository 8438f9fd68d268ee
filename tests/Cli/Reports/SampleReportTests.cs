using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Cli.Reports;
using CurvatureActors.Cli.Reports.Figures;
using SkiaSharp;

namespace CurvatureActors.Cli.Tests.Reports;

/// <summary>The report of the sample sweep, written once.</summary>
public sealed class SampleReport : IDisposable
{
    private readonly StateFixture _state = new();

    public SampleReport()
    {
        SampleSweep.Write(_state);
        using StateReader reader = _state.Open();
        // Set this to look at the report.
        Result = ReportWriter.Write(
            reader, null, Environment.GetEnvironmentVariable("CURVATURE_SAMPLE_REPORT") ?? _state.Output);
        Data = ReportData.Gather(reader, SampleSweep.Name);
        Page = File.ReadAllText(Result.Page);
    }

    internal ReportResult Result { get; }

    internal ReportData Data { get; }

    public string Page { get; }

    public void Dispose() => _state.Dispose();
}

public sealed partial class SampleReportTests(SampleReport sample) : IClassFixture<SampleReport>
{
    [Fact]
    public void The_page_is_well_formed()
    {
        XDocument page = Pages.Parse(sample.Page);
        Assert.Equal("html", page.Root!.Name.LocalName);
        string[] ids = [.. page.Descendants().Select(element => element.Attribute("id")?.Value).OfType<string>()];
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void The_page_refers_to_nothing_outside_but_the_paper()
    {
        string[] links = [.. External().Matches(sample.Page).Select(match => match.Groups[1].Value)];
        Assert.Equal(["https://arxiv.org/abs/2110.04369"], links);
        Assert.DoesNotContain("@import", sample.Page, StringComparison.Ordinal);
        Assert.All(
            CssUrl().Matches(sample.Page),
            match => Assert.Matches("^(data:|#)", match.Groups[1].Value));
        Assert.DoesNotContain("<script", sample.Page, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Every_run_is_in_the_table_and_has_its_section()
    {
        XDocument page = Pages.Parse(sample.Page);
        Assert.All(sample.Data.Runs, run =>
        {
            XElement section = page.Descendants().Single(element => element.Attribute("id")?.Value == $"run-{run.Run}");
            Assert.Contains(run.Name, section.Value, StringComparison.Ordinal);
            Assert.Equal(2, section.Descendants().Count(element => element.Name.LocalName == "svg"));
            Assert.Contains(page.Descendants(), element => element.Attribute("href")?.Value == $"#run-{run.Run}");
            if (run.State.Completion is { } done)
            {
                Assert.Contains(done.ParametersSha256[..12], page.Root!.Value, StringComparison.Ordinal);
            }
        });
    }

    [Fact]
    public void Verdicts_and_remedies_are_told_with_their_reasons()
    {
        string text = Pages.Parse(sample.Page).Root!.Value;
        Assert.All(sample.Data.Runs.SelectMany(run => run.State.Attempts), attempt =>
        {
            if (attempt.Verdict is { } verdict)
            {
                Assert.Contains($"Diverged at step {verdict.Step}", text, StringComparison.Ordinal);
                Assert.Contains(verdict.Evidence, text, StringComparison.Ordinal);
            }

            if (attempt.Remedy is { } remedy)
            {
                Assert.Contains(remedy.Reason, text, StringComparison.Ordinal);
            }
        });
        Assert.Contains("The rate is by the measured λ1 = 9.05", text, StringComparison.Ordinal);
        Assert.Contains("Its numbers use no curvature", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_headline_counts_fates()
    {
        Assert.Equal(
            "8 runs: 5 completed as asked, 2 diverged and were rescued (3 restarts), "
            + "1 diverged and could not be rescued within its budget.",
            Summary.Headline(sample.Data));
    }

    [Fact]
    public void The_findings_make_the_papers_point_from_the_data()
    {
        string findings = string.Join("\n", Summary.Findings(sample.Data));
        Assert.Contains(
            "λ1 = 29.8. 2 of 3 runs that started above the line 2/η diverged; none (of one run) that started at or below",
            findings, StringComparison.Ordinal);
        Assert.Contains("At learning rate 0.3 the run without warmup diverged at step 6; with 100 steps of warmup", findings, StringComparison.Ordinal);
        Assert.Contains("2 of them used a measured λ1", findings, StringComparison.Ordinal);
    }

    [Fact]
    public void Figures_are_images_of_the_promised_size()
    {
        Assert.Equal(4 + (2 * sample.Data.Runs.Count), sample.Result.Figures.Count);
        Assert.All(sample.Result.Figures, path =>
        {
            using SKBitmap image = SKBitmap.Decode(path);
            Assert.Equal((Figure.Width * Figure.PngScale, Figure.Height * Figure.PngScale), (image.Width, image.Height));
            Assert.True(image.Pixels.Distinct().Count() > 20, $"{path} is blank");
        });
    }

    [Fact]
    public void The_svg_takes_its_colours_from_the_page()
    {
        string[] colours = [.. SvgColour().Matches(sample.Page).Select(match => match.Groups[1].Value).Distinct()];
        Assert.All(colours, colour => Assert.True(
            colour is "none" || colour.StartsWith("var(--fig-", StringComparison.Ordinal), $"{colour} does not follow the page"));
    }

    [Fact]
    public void Tables_read_back_to_the_same_numbers()
    {
        Dictionary<string, string>[] rows = Pages.Csv(sample.Result.Tables.Single(path => path.EndsWith("steps.csv", StringComparison.Ordinal)));
        var expected = sample.Data.Runs.SelectMany(run => run.Steps.Rows.Concat(run.Steps.Abandoned.SelectMany(tail => tail.Rows)))
            .ToDictionary(row => (row.Run, row.Attempt, row.Step));
        Assert.Equal(expected.Count, rows.Length);
        Assert.Contains(rows, row => row["loss"] == "NaN");
        Assert.All(rows, row =>
        {
            var metrics = expected[(row["run"], Pages.Int(row["attempt"]), Pages.Int(row["step"]))].Metrics;
            Assert.Equal(metrics.Loss, Pages.Double(row["loss"]));
            Assert.Equal(metrics.GradientNorm, Pages.Double(row["gradient_norm"]));
            Assert.Equal(metrics.LearningRate, Pages.Double(row["learning_rate"]));
        });
        Assert.Equal(8, Pages.Csv(sample.Result.Tables.Single(path => path.EndsWith("runs.csv", StringComparison.Ordinal))).Length);
        Assert.Equal(
            sample.Data.Runs.Sum(run => run.Steps.Rows.Count), rows.Count(row => row["effective"] == "true"));
    }

    [Fact]
    public void Nothing_temporary_is_left()
    {
        Assert.Empty(Directory.EnumerateFiles(
            Path.GetDirectoryName(sample.Result.Page)!, "*.tmp", SearchOption.AllDirectories));
    }

    [GeneratedRegex("(?:src|href)=\"((?:https?:)?//[^\"]*)\"")]
    private static partial Regex External();

    [GeneratedRegex("url\\(([^)]{0,40})")]
    private static partial Regex CssUrl();

    [GeneratedRegex("<(?:path|rect|ellipse|circle|text|line|polygon)[^>]*? (?:fill|stroke)=\"([^\"]*)\"")]
    private static partial Regex SvgColour();
}

internal static class Pages
{
    public static XDocument Parse(string page)
    {
        using var reader = XmlReader.Create(new StringReader(page), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XDocument.Load(reader);
    }

    public static int Int(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    public static double Double(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A small reader of RFC 4180, written apart from the writer.</summary>
    public static Dictionary<string, string>[] Csv(string path)
    {
        string text = File.ReadAllText(path);
        var rows = new List<List<string>> { new() };
        var field = new System.Text.StringBuilder();
        bool quoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char letter = text[i];
            if (quoted)
            {
                if (letter != '"')
                {
                    field.Append(letter);
                }
                else if (i + 1 < text.Length && text[i + 1] == '"')
                {
                    field.Append('"');
                    i++;
                }
                else
                {
                    quoted = false;
                }
            }
            else if (letter == '"')
            {
                quoted = true;
            }
            else if (letter == ',')
            {
                rows[^1].Add(field.ToString());
                field.Clear();
            }
            else if (letter == '\r' && text[i + 1] == '\n')
            {
                rows[^1].Add(field.ToString());
                field.Clear();
                rows.Add([]);
                i++;
            }
            else
            {
                field.Append(letter);
            }
        }

        Assert.Empty(rows[^1]);
        rows.RemoveAt(rows.Count - 1);
        Assert.All(rows, row => Assert.Equal(rows[0].Count, row.Count));
        return [.. rows.Skip(1).Select(row => Enumerable.Range(0, row.Count).ToDictionary(i => rows[0][i], i => row[i]))];
    }
}
