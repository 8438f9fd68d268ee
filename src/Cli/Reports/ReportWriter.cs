using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Cli.Reports.Figures;
using CurvatureActors.Cli.Reports.Page;
using CurvatureActors.Cli.Reports.Studies;
using CurvatureActors.Cli.Reports.Tables;

namespace CurvatureActors.Cli.Reports;

/// <summary>Writes the report of an experiment: one page that needs nothing else, with its figures and numbers beside it.</summary>
internal static class ReportWriter
{
    /// <summary>Name of the page.</summary>
    public const string PageName = "report.html";

    /// <summary>Folder of the PNG files.</summary>
    public const string FigureFolder = "figures";

    /// <summary>
    /// Runs whose figures are drawn in the page. Beyond these a page grows past what a browser likes to open; the
    /// rest are in the tables, and their figures lie beside the page.
    /// </summary>
    public const int MostRunsWithFigures = 24;

    /// <summary>Gathers, draws and writes; what an earlier report left there is replaced.</summary>
    /// <param name="reader">The state directory.</param>
    /// <param name="experiment">The experiment; null for the one accepted last.</param>
    /// <param name="outputDirectory">Where to; need not exist yet.</param>
    /// <exception cref="ReportException">There is no such experiment, or the directory cannot be written.</exception>
    public static ReportResult Write(StateReader reader, string? experiment, string outputDirectory)
    {
        ReportData data = ReportData.Gather(reader, experiment);
        string folder = Path.GetFullPath(outputDirectory);
        try
        {
            return Write(data, folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ReportException($"The report cannot be written to {folder}: {error.Message}", error);
        }
    }

    private static ReportResult Write(ReportData data, string folder)
    {
        // First: a study that does not exist leaves nothing half written.
        IStudy? study = data.Study is null ? null : StudyRegistry.Find(data.Study);
        string figureFolder = Path.Combine(folder, FigureFolder);
        Directory.CreateDirectory(figureFolder);
        var figures = new List<string>();
        // A figure is drawn, written and forgotten: 200 runs must not hold 400 plots.
        FigureSet overview = new(
            Draw(ComparisonFigure.Accuracy(data)), Draw(ComparisonFigure.Loss(data)),
            Draw(ScatterFigure.AtInitialisation(data)), Draw(ScatterFigure.InMidTraining(data)));
        StudySection? section = study is null
            ? null
            : new StudySection(study, Verdict.Of(study, data), [.. study.Figures(data).Select(figure => Draw(figure))]);
        HashSet<string> chosen = Chosen(data);
        var ofRuns = new Dictionary<string, IReadOnlyList<DrawnFigure>>();
        foreach (RunReport run in data.Runs.DistinctBy(run => run.Run))
        {
            bool inPage = chosen.Contains(run.Run);
            ofRuns[run.Run] =
            [
                Draw(LossFigure.Draw(run), inPage), Draw(CurvatureFigure.Draw(run), inPage),
                .. Further(run).Select(figure => Draw(figure, inPage)),
            ];
        }

        (string Name, string Text)[] files =
        [
            ("runs.csv", ReportTables.Runs(data)),
            ("steps.csv", ReportTables.Steps(data)),
            ("evaluations.csv", ReportTables.Evaluations(data)),
            ("measurements.csv", ReportTables.Measurements(data)),
            ("curvature-values.csv", ReportTables.CurvatureValues(data)),
            ("densities.csv", ReportTables.Densities(data)),
            .. section is null ? [] : new[] { (StudySection.TableName, section.Verdict.Table.Csv()) },
        ];
        foreach ((string name, string text) in files)
        {
            AtomicFile.Write(Path.Combine(folder, name), text);
        }

        // Last, since it speaks of the others.
        string page = Path.Combine(folder, PageName);
        AtomicFile.Write(page, ReportPage.Render(data, overview, ofRuns, section));
        return new ReportResult(data.Experiment, page, figures, [.. files.Select(file => Path.Combine(folder, file.Name))])
        {
            Verdict = section?.Verdict,
            Misfits = data.Misfits,
        };

        DrawnFigure Draw(Figure figure, bool inPage = true)
        {
            using (figure.Plot)
            {
                string path = Path.Combine(figureFolder, figure.Name + ".png");
                AtomicFile.Write(path, figure.Png());
                figures.Add(path);
                return new DrawnFigure(
                    figure.Title, $"{FigureFolder}/{figure.Name}.png", inPage ? figure.Svg() : null);
            }
        }
    }

    /// <summary>What of a run was measured beside lambda1, drawn one after the other.</summary>
    private static IEnumerable<Figure> Further(RunReport run) =>
        new Func<RunReport, Figure?>[] { SharpnessFigure.Draw, TraceFigure.Draw, DensitiesFigure.Draw }
            .Select(draw => draw(run)).OfType<Figure>();

    /// <summary>Those with a story first, then the rest in order.</summary>
    private static HashSet<string> Chosen(ReportData data) =>
    [
        .. data.Runs
            .OrderByDescending(run => run.EverDiverged || run.Fate is Fate.Failed)
            .Select(run => run.Run).Distinct().Take(MostRunsWithFigures),
    ];
}
