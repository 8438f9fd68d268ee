using System.CommandLine;
using CurvatureActors.Actors.Configuration;
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
            Description = "Name of the experiment; the one started last when left out.",
            DefaultValueFactory = _ => null,
        };
        Option<string?> output = CommonOptions.NotEmpty(new Option<string?>("--out")
        {
            Description = "Folder to write to; default reports/EXPERIMENT in the state directory.",
            HelpName = "DIR",
        });
        Option<string?> state = CommonOptions.State();
        var command = new Command("report", "Write a self-contained HTML report with figures and tables.") { experiment, output, state };
        command.SetAction(parsed =>
        {
            StateDirectory directory = CommonOptions.Directory(parsed.GetValue(state));
            using var reader = new StateReader(directory);
            string? name = parsed.GetValue(experiment) ?? reader.Experiments().MaxBy(view => view.AcceptedAt)?.Name;
            if (name is null)
            {
                // There may be experiments in what cannot be read.
                reader.RequireWhole();
            }

            ReportResult result = ReportWriter.Write(
                reader, name, parsed.GetValue(output) ?? Path.Combine(directory.Reports, ExperimentName.Folder(name ?? "")));
            Console.WriteLine(result.Page);
            if (result.Verdict is { } verdict)
            {
                Console.WriteLine(verdict.Text);
            }

            return StateFaults.Tell(reader, result.Misfits);
        });
        return command;
    }
}
