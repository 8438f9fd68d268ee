using System.CommandLine;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Cli.Display;

namespace CurvatureActors.Cli.Commands;

/// <summary><c>plan FILE</c>: the runs that <c>run FILE</c> would make, and which of them are done.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        Argument<string> file = CommonOptions.File();
        Option<string[]> set = CommonOptions.Set();
        Option<string?> state = CommonOptions.State();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("plan", "List the runs an experiment would make, and which are already done.")
        {
            file, set, state, json,
        };
        command.SetAction(parsed =>
        {
            ExperimentSpecification experiment = ExperimentLoader
                .Load(parsed.GetRequiredValue(file), parsed.GetRequiredValue(set))
                .WithDataIdentity();
            var directory = new StateDirectory(parsed.GetValue(state) ?? experiment.StateDirectory);
            using var reader = new StateReader(directory);
            Dictionary<string, RunStatus> known = reader.Experiments()
                .SelectMany(view => view.Runs)
                .DistinctBy(run => run.Run)
                .ToDictionary(run => run.Run, run => run.Status);
            experiment = EarlierRuns.Recognised(
                experiment,
                reader.Experiments().Where(view => view.Name == experiment.Name).SelectMany(view => view.Runs).Select(run => run.Run).ToHashSet());
            PlannedRunRow[] rows =
            [
                .. experiment.Runs.Select(run => new PlannedRunRow(
                    run.Run, run.Name, known.GetValueOrDefault(run.Run).Word(), run.Specification.Training.Steps, run.Parameters)),
            ];
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(rows);
                return StateFaults.Tell(reader);
            }

            Tables.Write(
                ["run", "name", "state", "steps"],
                rows.Select(row => (string[])[row.Run, row.Name, row.State, $"{row.Steps}"]));
            Console.WriteLine($"{rows.Length} runs, {rows.Count(row => row.State == RunStatus.Completed.Word())} of them completed.");
            return StateFaults.Tell(reader);
        });
        return command;
    }
}

/// <summary>A row of <c>plan --json</c>.</summary>
internal sealed record PlannedRunRow(
    string Run, string Name, string State, int Steps, IReadOnlyDictionary<string, string> Parameters);
