using System.CommandLine;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;
using CurvatureActors.Actors.ReadModel;
using CurvatureActors.Actors.Runs;

namespace CurvatureActors.Cli.Commands;

/// <summary><c>resume</c>: continues everything unfinished in a state directory as it was asked for.</summary>
internal static class ResumeCommand
{
    public const string Name = "resume";

    public static Command Create()
    {
        Option<string?> state = CommonOptions.State();
        Option<bool> plain = CommonOptions.Plain();
        Option<int?> workers = CommonOptions.Workers();
        var command = new Command(Name, "Continue everything unfinished to its original target.") { state, workers, plain };
        command.SetAction(async (parsed, _) =>
        {
            StateDirectory directory = CommonOptions.Directory(parsed.GetValue(state));
            if (!directory.Exists)
            {
                // Snapshots or telemetry may say that there was something.
                using var reader = new StateReader(directory);
                reader.RequireWhole();
                throw new UsageException($"There is nothing to resume: {directory.Path} holds no experiment.");
            }

            using StateDirectoryLock held = StateDirectoryLock.Acquire(directory);
            List<ExperimentSpecification> unfinished = Unfinished(directory);
            if (unfinished.Count == 0)
            {
                Console.WriteLine("Nothing to resume: every run has ended.");
                return ExitCode.Success;
            }

            NativeSetup.Apply(unfinished[0]);
            foreach (ExperimentSpecification experiment in unfinished)
            {
                ExperimentChecks.AgainstData(experiment);
                AuditFolder.Require(experiment.Runtime.Audit);
            }

            return await new ExperimentSession(directory, held, parsed.GetValue(plain), parsed.GetValue(workers))
                .RunAsync(unfinished).ConfigureAwait(false);
        });
        return command;
    }

    private static List<ExperimentSpecification> Unfinished(StateDirectory directory)
    {
        using var reader = new StateReader(directory);
        reader.RequireWhole();
        var open = reader.Experiments()
            .Where(experiment => experiment.Runs.Any(run => !run.State.Status.IsTerminal() || !run.Concluded))
            .Select(experiment => experiment.Name)
            .ToHashSet();
        return [.. reader.Accepted().Where(experiment => open.Contains(experiment.Name))];
    }
}
