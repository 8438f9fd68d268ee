using CurvatureActors.Cli.Reports.Tables;

namespace CurvatureActors.Cli.Reports.Studies;

/// <summary>The numbers of a verdict: for the page with few digits, for the CSV file with all.</summary>
/// <param name="columns">Names of the columns, with units.</param>
internal sealed class StudyTable(params string[] columns)
{
    private readonly List<object?[]> _rows = [];

    /// <summary>Names of the columns.</summary>
    public IReadOnlyList<string> Columns => columns;

    /// <summary>Texts, numbers, truth values and nulls, as many as there are columns.</summary>
    public IReadOnlyList<IReadOnlyList<object?>> Rows => _rows;

    /// <summary>Adds a row.</summary>
    /// <exception cref="ArgumentException">It has not as many values as there are columns.</exception>
    public void Add(params object?[] values)
    {
        if (values.Length != columns.Length)
        {
            throw new ArgumentException($"A row of {values.Length} values does not fit {columns.Length} columns.", nameof(values));
        }

        _rows.Add(values);
    }

    /// <summary>As a CSV file.</summary>
    public string Csv()
    {
        var csv = new Csv(columns);
        foreach (object?[] row in _rows)
        {
            csv.Row(row);
        }

        return csv.ToString();
    }

    /// <summary>A value as people read it.</summary>
    public static string Shown(object? value) => value switch
    {
        null => "–",
        double number => NumberText.Short(number),
        bool truth => truth ? "yes" : "no",
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "",
    };

    /// <summary>Whether a value is aligned like a number.</summary>
    public static bool IsNumber(object? value) => value is double or int or long;
}
