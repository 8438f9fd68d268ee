using System.CommandLine;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Cli.Reports;

namespace CurvatureActors.Cli.Commands;

/// <summary><c>report [EXPERIMENT]</c>: one page that tells what happened, with its figures and tables beside it.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var experiment = new Argument<string?>("EXPERIMENT")
        {
            Description = "Name of the experiment; may be left out when there is one.",
            DefaultValueFactory = _ => null,
        };
        var output = new Option<string?>("--out")
        {
            Description = "Folder to write to; default reports/ in the state directory.",
            HelpName = "DIR",
        };
        Option<string?> state = CommonOptions.State();
        var command = new Command("report", "Write a self-contained HTML report with figures and tables.") { experiment, output, state };
        command.SetAction(parsed =>
        {
            StateDirectory directory = CommonOptions.Directory(parsed.GetValue(state));
            using var reader = new StateReader(directory);
            ReportResult result = ReportWriter.Write(
                reader, parsed.GetValue(experiment), parsed.GetValue(output) ?? directory.Reports);
            Console.WriteLine(result.Page);
        });
        return command;
    }
}
