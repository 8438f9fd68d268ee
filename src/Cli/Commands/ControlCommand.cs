using System.CommandLine;
using CurvatureActors.Cli.Control;

namespace CurvatureActors.Cli.Commands;

/// <summary>
/// <c>pause</c>, <c>continue</c>, <c>stop</c> and <c>cancel</c>: control of the program that is running on a state
/// directory. Each waits until it is done and says what it did, one line a run.
/// </summary>
internal static class ControlCommand
{
    public static IEnumerable<Command> CreateAll() =>
    [
        Create("pause", "Pause a run (with a snapshot; its device is free for the next) or hold one that waits."),
        Create("continue", "Continue what was paused, held or stopped."),
        Create("stop", "Start nothing more of it, let what runs finish; the program then ends, to be resumed."),
        Create("cancel", "End it now and for good; a run that is trained makes a snapshot first."),
    ];

    private static Command Create(string verb, string description)
    {
        Argument<string> target = CommonOptions.NotEmpty(new Argument<string>("TARGET")
        {
            Description = "An experiment's name, which is all of its runs; or a run's identity, the beginning of it, or its name.",
        });
        Option<string?> state = CommonOptions.State();
        Option<bool> json = CommonOptions.Json();
        var command = new Command(verb, description) { target, state, json };
        command.SetAction(async (parsed, _) =>
        {
            ControlReply reply = await new ControlClient(CommonOptions.Directory(parsed.GetValue(state)))
                .SendAsync(verb, parsed.GetRequiredValue(target)).ConfigureAwait(false);
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(reply);
            }
            else
            {
                foreach (string line in reply.Message.Split('\n'))
                {
                    Console.WriteLine(line);
                }
            }

            return ExitCode.Success;
        });
        return command;
    }
}
