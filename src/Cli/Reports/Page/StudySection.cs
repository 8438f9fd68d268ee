using CurvatureActors.Cli.Reports.Studies;
using static CurvatureActors.Cli.Reports.MarkupText;

namespace CurvatureActors.Cli.Reports.Page;

/// <summary>A study's part of the page: the claim, the verdict, the figures, and the numbers that the verdict was made from.</summary>
/// <param name="Study">The study.</param>
/// <param name="Verdict">What it found.</param>
/// <param name="Figures">Its figures.</param>
internal sealed record StudySection(IStudy Study, Verdict Verdict, IReadOnlyList<DrawnFigure> Figures)
{
    /// <summary>Name of the file with the numbers.</summary>
    public const string TableName = "study.csv";

    /// <summary>Writes the section.</summary>
    public void Render(Html html)
    {
        html.Raw("<section aria-labelledby=\"study\">")
            .Raw($"<h2 id=\"study\">{Prose(Study.Title)}</h2>")
            .Raw($"<p class=\"note\">{Prose(Study.Claim)}</p>")
            .Raw($"<p class=\"headline\"><span class=\"badge {Badge}\">{Escape(Verdict.Word)}</span> {Prose(Verdict.Sentence)}</p>");
        if (Figures.Count > 0)
        {
            html.Raw("<div class=\"figures\">");
            foreach (DrawnFigure figure in Figures)
            {
                html.Raw($"<figure>{figure.Svg}<figcaption><b>{Prose(figure.Title)}</b></figcaption></figure>");
            }

            html.Raw("</div>");
        }

        Table(html);
        html.Raw("</section>");
    }

    private string Badge => Verdict.Holds switch
    {
        true => "completed",
        false => "diverged",
        null => "unfinished",
    };

    private void Table(Html html)
    {
        StudyTable table = Verdict.Table;
        // What is missing in a column of numbers stands where a number would.
        string[] align = [.. table.Columns.Select((_, column) => table.Rows.Any(row => StudyTable.IsNumber(row[column])) ? " class=\"n\"" : "")];
        html.Raw("<div class=\"card scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"study\"><table><thead><tr>"
            + string.Concat(table.Columns.Select((name, column) =>
                $"<th scope=\"col\"{align[column]}>{Prose(name)}</th>"))
            + "</tr></thead><tbody>");
        foreach (IReadOnlyList<object?> row in table.Rows)
        {
            html.Raw("<tr>" + string.Concat(row.Select((value, column) => column == 0
                ? $"<th scope=\"row\"{align[0]}>{Prose(StudyTable.Shown(value))}</th>"
                : $"<td{align[column]}>{Prose(StudyTable.Shown(value))}</td>")) + "</tr>");
        }

        html.Raw($"</tbody></table><p class=\"note\">All digits: <a href=\"{TableName}\">{TableName}</a></p></div>");
    }
}
