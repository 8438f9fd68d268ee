using CurvatureActors.Cli.Reports.Studies;

namespace CurvatureActors.Cli.Reports;

/// <summary>What a report consists of.</summary>
/// <param name="Experiment">The experiment it is about.</param>
/// <param name="Page">Path of the page.</param>
/// <param name="Figures">Paths of the PNG files.</param>
/// <param name="Tables">Paths of the CSV files.</param>
internal sealed record ReportResult(
    string Experiment, string Page, IReadOnlyList<string> Figures, IReadOnlyList<string> Tables)
{
    /// <summary>What of the state directory does not fit together, a sentence each.</summary>
    public IReadOnlyList<string> Misfits { get; init; } = [];

    /// <summary>What the experiment's study found; null when it has none.</summary>
    public Verdict? Verdict { get; init; }
}
