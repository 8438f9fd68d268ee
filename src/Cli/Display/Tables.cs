using Spectre.Console;

namespace CurvatureActors.Cli.Display;

/// <summary>A table on standard output: drawn for a terminal, tab-separated for a pipe.</summary>
internal static class Tables
{
    public static void Write(IReadOnlyList<string> columns, IEnumerable<string[]> rows)
    {
        if (Console.IsOutputRedirected)
        {
            Console.WriteLine(string.Join('\t', columns));
            foreach (string[] row in rows)
            {
                Console.WriteLine(string.Join('\t', row.Select(DisplayText.Line)));
            }

            return;
        }

        var table = new Table { Border = TableBorder.Rounded };
        foreach (string column in columns)
        {
            table.AddColumn(new TableColumn($"[bold]{Markup.Escape(column)}[/]"));
        }

        foreach (string[] row in rows)
        {
            table.AddRow([.. row.Select(cell => new Text(DisplayText.Line(cell)))]);
        }

        AnsiConsole.Write(table);
    }
}
