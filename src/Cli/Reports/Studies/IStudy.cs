using CurvatureActors.Cli.Reports.Figures;

namespace CurvatureActors.Cli.Reports.Studies;

/// <summary>
/// A claim about curvature that an experiment can be held against. Everything it says is computed from the state directory;
/// a claim that does not hold is a result like one that does.
/// </summary>
internal interface IStudy
{
    /// <summary>What <c>curvature.experiment.study</c> calls it.</summary>
    string Name { get; }

    /// <summary>Heading of its section.</summary>
    string Title { get; }

    /// <summary>What is claimed, by whom and where.</summary>
    string Claim { get; }

    /// <summary>Its figures, drawn one after the other; they need not have anything to show.</summary>
    IEnumerable<Figure> Figures(ReportData data);

    /// <summary>Whether the claim holds for these runs, with its numbers.</summary>
    Verdict Judge(ReportData data);
}
