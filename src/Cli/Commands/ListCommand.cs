using System.CommandLine;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Cli.Display;

namespace CurvatureActors.Cli.Commands;

/// <summary><c>list</c>: the runs of a state directory.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        Option<string?> state = CommonOptions.State();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("list", "List the runs.") { state, json };
        command.SetAction(parsed =>
        {
            using var reader = new StateReader(CommonOptions.Directory(parsed.GetValue(state)));
            IReadOnlyList<RunRow> rows = RunRow.All(reader);
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(rows);
                return StateFaults.Tell(reader);
            }

            if (rows.Count == 0)
            {
                if (reader.Faults.Count == 0)
                {
                    Console.WriteLine("No runs yet. Start with: curvature run FILE");
                }

                return StateFaults.Tell(reader);
            }

            Tables.Write(
                ["run", "name", "state", "step", "loss", "accuracy", "lambda1", "at step", "stability", "restarts"],
                rows.Select(row => (string[])
                [
                    row.Run,
                    row.Name,
                    row.State,
                    $"{row.Step}/{row.Steps}",
                    Numbers.Short(row.Loss),
                    Numbers.Percent(row.Accuracy),
                    Numbers.WithError(row.Lambda1, row.Lambda1Residual),
                    row.Lambda1Step?.ToString() ?? Numbers.Missing,
                    Numbers.Short(row.StabilityRatio),
                    $"{row.Restarts}/{row.RestartBudget}",
                ]));
            return StateFaults.Tell(reader);
        });
        return command;
    }
}
