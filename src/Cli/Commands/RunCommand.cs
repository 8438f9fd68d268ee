using System.CommandLine;
using CurvatureActors.Actors.Configuration;
using CurvatureActors.Actors.Hosting;

namespace CurvatureActors.Cli.Commands;

/// <summary><c>run FILE</c>: runs an experiment to its end, or what is left of it. Safe to repeat.</summary>
internal static class RunCommand
{
    public const string Name = "run";

    public static Command Create()
    {
        Argument<string> file = CommonOptions.File();
        Option<string[]> set = CommonOptions.Set();
        Option<string?> state = CommonOptions.State();
        var extend = new Option<bool>("--extend")
        {
            Description = "Keep runs that the file does not ask for any more, and run its new ones too.",
        };
        Option<bool> plain = CommonOptions.Plain();
        Option<int?> workers = CommonOptions.Workers();
        var command = new Command(Name, "Run or continue an experiment to its end; safe to repeat.")
        {
            file, set, state, workers, extend, plain,
        };
        command.SetAction(async (parsed, _) =>
        {
            ExperimentSpecification experiment = ExperimentLoader
                .Load(parsed.GetRequiredValue(file), parsed.GetRequiredValue(set))
                .WithDataIdentity();
            var directory = new StateDirectory(parsed.GetValue(state) ?? experiment.StateDirectory);
            NativeSetup.Apply(experiment);
            ExperimentChecks.AgainstData(experiment);
            AuditFolder.Require(experiment.Runtime.Audit);
            using StateDirectoryLock held = StateDirectoryLock.Acquire(directory);
            experiment = ExperimentChanges.Reconcile(directory, experiment, parsed.GetValue(extend));
            return await new ExperimentSession(directory, held, parsed.GetValue(plain), parsed.GetValue(workers))
                .RunAsync([experiment]).ConfigureAwait(false);
        });
        return command;
    }
}
